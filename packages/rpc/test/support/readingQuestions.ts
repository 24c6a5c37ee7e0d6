/** Calls that only read, to ask of two nodes of the same chain. */
import { bytesToHex } from "@chain/core";
import { MINER } from "@chain/testing/blockFactory";
import type { Json } from "../../src/json/parse.ts";
import { WALLET_METHODS } from "../../src/wallet/table.ts";
import type { Question } from "./signingQuestions.ts";

/** Hashes, ids, transactions in hex, which both nodes have. */
export interface Facts {
  /** The block at height 104, and one beside the block before it. */
  readonly block: string;
  readonly stale: string;
  readonly address: string;
  /** The id of a coinbase that is not spent. */
  readonly coinbase: string;
  /** A transaction in the block. */
  readonly paid: string;
  readonly raw: string;
  readonly proof: string;
  /** Unconfirmed. */
  readonly parent: string;
  readonly child: string;
  /** Not handed in, the second spends the first. */
  readonly fresh: string;
  readonly heir: string;
}

/** Methods that no question is about, and why. */
export const NOT_ASKED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    (
      "abortrescan addconnection addnode addpeeraddress clearbanned disconnectnode generate generateblock " +
      "generatetoaddress generatetodescriptor getblockfrompeer invalidateblock logging mockscheduler ping " +
      "preciousblock reconsiderblock savemempool sendrawtransaction setban setmocktime setnetworkactive stop " +
      "submitblock submitheader submitpayment pruneblockchain submitpackage dumptxoutset loadtxoutset"
    )
      .split(" ")
      .map((name) => [name, "it changes the node"]),
  ),
  ...Object.fromEntries(
    WALLET_METHODS.map(({ name }) => [name, "neither has a wallet; Core's wallet tests call it"]),
  ),
  getblockundo: "ours alone",
  ...Object.fromEntries(
    (
      "chain_accounts chain_drop chain_dump chain_faucet chain_fund chain_increasetime chain_info chain_mine chain_reorg chain_revert " +
      "chain_rollback chain_send chain_setautomine chain_setblockinterval chain_setfeerate chain_settime chain_settled chain_snapshot chain_spendas"
    )
      .split(" ")
      .map((name) => [name, "of a chain for developers"]),
  ),
  getnodeinfo: "ours alone",
  getscriptbalance: "ours alone",
  getscripthistory: "ours alone",
  listunspentbyscript: "ours alone",
  watchscripts: "ours alone",
  help: "texts of our own",
  getopenrpcinfo: "Core 31 has it, and Knots 29 has not",
  "rpc.discover": "ours alone",
  echoipc: "neither is built for processes of its own",
  getmemoryinfo: "figures of another allocator",
  getnetworkinfo: "version, services and addresses of another program",
  getpeerinfo: "neither has a peer; the functional tests of Core compare its fields",
  getnettotals: "bytes and clock of the moment",
  getrpcinfo: "the calls of the moment, and where the log is",
  getaddrmaninfo: "this host keeps no addresses",
  getrawaddrman: "this host keeps no addresses",
  estimatesmartfee: "this host has no estimator: packages/fullnode/test/feesInterop.slow.test.ts",
  estimaterawfee: "this host has no estimator",
  verifychain: "this host has no disk",
  getblockfilter: "this host has no such index",
  scanblocks: "this host has no such index",
  getdescriptoractivity: "Knots 29 does not know it",
  sendmsgtopeer: "neither has a peer; rpc_net of Core's functional tests calls it",
};

/** @param facts of both nodes */
export function readingQuestions(facts: Facts): readonly Question[] {
  const { block, stale, address, coinbase, paid, raw, proof, parent, child, fresh, heir } = facts;
  const multisig = `multi(1,${bytesToHex(MINER.publicKey)})`;
  const asked: readonly (readonly [string, ...Json[]])[] = [
    ["getbestblockhash"],
    ["getblockcount"],
    ["getdifficulty"],
    ["getblockhash", 50],
    ["getblockheader", block],
    ["getblockheader", block, false],
    ["getblockheader", stale],
    ["getblock", block, 0],
    ["getblock", block, 1],
    ["getblock", block, 2],
    ["getblock", block, 3],
    ["getblock", stale, 2],
    ["getblockchaininfo"],
    ["getblockstats", 104],
    ["getblockstats", 1],
    ["getblockstats", block, ["avgfee", "txs"]],
    ["getchaintips"],
    ["getchaintxstats"],
    ["getchaintxstats", 50],
    ["getdeploymentinfo"],
    ["getmempoolinfo"],
    ["getrawmempool"],
    ["getrawmempool", true],
    ["getrawmempool", false, true],
    ["getmempoolentry", parent],
    ["getmempoolancestors", child],
    ["getmempooldescendants", parent, true],
    ["gettxout", coinbase, 0],
    ["gettxout", child, 0],
    ["gettxout", parent, 0],
    ["gettxoutsetinfo"],
    ["gettxoutproof", [paid], block],
    ["verifytxoutproof", proof],
    [
      "gettxspendingprevout",
      [
        { txid: parent, vout: 0 },
        { txid: coinbase, vout: 0 },
      ],
    ],
    ["getindexinfo"],
    ["getrawtransaction", child],
    ["getrawtransaction", child, 1],
    ["getrawtransaction", paid, 2, block],
    ["getrawtransaction", paid, 1, block],
    ["decoderawtransaction", raw],
    ["decodescript", bytesToHex(MINER.script)],
    ["decodescript", `21${bytesToHex(MINER.publicKey)}ac`],
    ["decodescript", `5121${bytesToHex(MINER.publicKey)}51ae`],
    ["decodescript", "51"],
    ["createrawtransaction", [{ txid: coinbase, vout: 0 }], [{ [address]: 0.1 }, { data: "00" }]],
    ["testmempoolaccept", [raw]],
    ["testmempoolaccept", [fresh, heir]],
    ["testmempoolaccept", [heir, fresh]],
    ["testmempoolaccept", [fresh, raw]],
    ["testmempoolaccept", []],
    ["getprioritisedtransactions"],
    ["prioritisetransaction", "x", 0, 5],
    ["importmempool", "/nowhere/mempool.dat"],
    ["getorphantxs"],
    ["getorphantxs", 3],
    ["analyzepsbt", "x"],
    ["utxoupdatepsbt", "x"],
    ["validateaddress", address],
    ["validateaddress", "x"],
    ["getdescriptorinfo", `pkh(${bytesToHex(MINER.publicKey)})`],
    ["getmininginfo"],
    ["getnetworkhashps"],
    ["getblocktemplate", { rules: ["segwit"] }],
    ["getconnectioncount"],
    ["getnodeaddresses", 0],
    ["listbanned"],
    ["getaddednodeinfo"],
    ["uptime"],
    ["getchainstates"],
    ["getzmqnotifications"],
    ["echo", "a", 1, { b: null }],
    ["echojson", [1.5], true],
    ["syncwithvalidationinterfacequeue"],
    ["waitforblock", block, 1],
    ["waitforblockheight", 104, 1],
    ["waitfornewblock", 1],
    ["scantxoutset", "start", [`addr(${address})`]],
    ["scantxoutset", "start", [{ desc: `pkh(${bytesToHex(MINER.publicKey)})`, range: 2 }]],
    ["scantxoutset", "status"],
    ["scantxoutset", "start", ["x"]],
    ["deriveaddresses", `${multisig}#x`],
    ["getdescriptorinfo", multisig],
    ["verifymessage", address, "x", "x"],
  ];
  return asked;
}
