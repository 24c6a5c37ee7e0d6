/** Commands of both programs, so that each can name the other's. Tests of both hold them to the programs. */
export const COMMANDS: Readonly<Record<"chain-node" | "chain-wallet", readonly string[]>> = {
  "chain-node": [
    "createblockchain",
    "genesis",
    "startnode",
    "status",
    "peers",
    "bans",
    "mine",
    "stop",
    "printchain",
    "reindex",
    "reindexutxo",
  ],
  "chain-wallet": [
    "createwallet",
    "listaddresses",
    "getbalance",
    "send",
    "consolidate",
    "abandon",
    "exportkey",
    "importkey",
    "encryptwallet",
  ],
};
