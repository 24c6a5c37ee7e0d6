import type { Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { hexText, readHex } from "../../define/types.ts";
import { requireMerkleProof } from "../../describe/merkleBlock.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import { decodeTransaction } from "../../methods/decode.ts";
import { walletMethod } from "../method.ts";

export const importprunedfunds: Method = walletMethod({
  name: "importprunedfunds",
  description:
    "Imports funds without rescan. Corresponding address or script must previously be included in wallet. Aimed towards pruned wallets. The end-user is responsible to import additional transactions that subsequently spend the imported outputs or rescan after the point in the blockchain the transaction is included.",
  arguments: [
    hexText("rawtransaction", {
      text: "A raw transaction in hex funding an already-existing address in wallet",
    }),
    hexText("txoutproof", {
      text: "The hex output from gettxoutproof that contains the transaction",
    }),
  ],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the bytes are no transaction" },
    { code: RPC_INVALID_PARAMETER, when: "the proof is not in hex" },
    { code: RPC_MISC_ERROR, when: "the bytes are no proof" },
    {
      code: RPC_INVALID_ADDRESS_OR_KEY,
      when: "the proof is wrong or about another transaction, its block is not in the chain, or the transaction pays and spends nothing of the wallet",
    },
  ],
  examples: [["00", "00"]],
  waits: false,
  run: async ({ rawtransaction, txoutproof }, wallet, { host }) => {
    const { headers } = host.chain;
    const transaction = decodeTransaction(rawtransaction);
    const { header, matches } = requireMerkleProof(readHex(txoutproof, "proof"));
    if (matches === undefined) throw refused("Something wrong with merkleblock");
    await wallet.caughtUp();
    const node = headers.get(header.hash);
    if (node === undefined || !headers.isActive(node)) throw refused("Block not found in chain");
    const match = matches.find(({ txid }) => txid === transaction.txid);
    if (match === undefined) throw refused("Transaction given doesn't exist in proof");
    const { ledger } = wallet;
    const { hash, height } = node;
    const { time } = node.header;
    if (!ledger.importTransaction(transaction, { hash, height }, match.index, time)) {
      throw refused("No addresses in wallet correspond to included transaction");
    }
    await wallet.save();
    return null;
  },
});

function refused(message: string): RpcError {
  return new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
}
