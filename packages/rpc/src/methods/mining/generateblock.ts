import { Block, bytesToHex, CoreError, parseId, type Transaction, type Txid } from "@chain/core";
import { assembleBlock } from "@chain/engine";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, maybe, obj } from "../../define/result.ts";
import { boolean, hexText, list, string } from "../../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INTERNAL_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_MISC_ERROR,
  RPC_VERIFY_ERROR,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { requireScript } from "../addresses.ts";
import { decodeTransaction } from "../decode.ts";
import { scriptOfDescriptor } from "../descriptors.ts";
import { EXAMPLE_ADDRESS } from "../examples.ts";
import { testInTurn } from "../testBlock.ts";

export const generateblock: Method = defineMethod({
  name: "generateblock",
  category: "hidden",
  description:
    "Mine a set of ordered transactions to a specified address and return the block hash.",
  arguments: [
    string("output", { text: "The address to send the newly generated bitcoin to." }),
    list(
      "transactions",
      hexText("rawtx/txid", {
        text: "A raw transaction, or the id of one in the mempool",
        optional: true,
      }),
      {
        text: "An array of hex strings which are either txids or raw transactions.\nTxids must reference transactions currently in the mempool.\nAll transactions must be valid and in valid order, otherwise the block will be rejected.",
      },
    ),
    boolean("submit", {
      text: "Whether to submit the block before the RPC call returns or to return it as hex.",
      fallback: true,
    }),
  ],
  results: [
    {
      schema: obj({
        hash: hex("Hash of generated block"),
        hex: maybe(hex("The block, only present when submit=false")),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "the address, or a transaction id, is none" },
    { code: RPC_DESERIALIZATION_ERROR, when: "a text is no transaction" },
    { code: RPC_VERIFY_ERROR, when: "the block would break a rule" },
    { code: RPC_MISC_ERROR, when: "no nonce was found" },
  ],
  examples: [[EXAMPLE_ADDRESS, ["rawtx", "mempool_txid"]]],
  run: async ({ output, transactions, submit }, host, { signal }) => {
    const payTo =
      scriptOfDescriptor(output, host.chain.params) ??
      requireScript(output, host, "Error: Invalid address or descriptor");
    // In one turn of the chain: others who mine at the same time move the tip before it or after it.
    const { draft, verdict } = await host.chain.run(async () => {
      const chosen = transactions.map((text) => transactionOf(text ?? "", host));
      const made = draftOf(chosen, payTo, host);
      return { draft: made, verdict: await testInTurn(made, host) };
    });
    host.assembled.block = draft;
    if (!verdict.ok) {
      const message = `TestBlockValidity failed: ${verdict.reason}`;
      throw new RpcError(RPC_VERIFY_ERROR, message);
    }
    const header = await host.mining.search.search(draft.header, signal);
    if (header === undefined) throw new RpcError(RPC_MISC_ERROR, "Failed to make block.");
    const block = new Block(header, draft.transactions);
    if (!submit) return { hash: block.hash, hex: bytesToHex(block.toBytes()) };
    const accepted = await host.node.submitBlock(block);
    if (!accepted.ok) {
      throw new RpcError(RPC_INTERNAL_ERROR, "ProcessNewBlock, block not accepted");
    }
    return { hash: block.hash };
  },
});

function transactionOf(text: string, { chain }: Pick<RpcHost, "chain">): Transaction {
  const txid = idOf(text);
  if (txid !== undefined) {
    const entry = chain.mempool.get(txid);
    if (entry !== undefined) return entry.transaction;
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, `Transaction ${text} not in mempool.`);
  }
  const message = `Transaction decode failed for ${text}. Make sure the tx has at least one input.`;
  return decodeTransaction(text, { message });
}

function idOf(text: string): Txid | undefined {
  try {
    return parseId<Txid>(text);
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    return undefined;
  }
}

/** A block of exactly these. Its coinbase commits to their witnesses, and gets no fees. */
function draftOf(
  others: readonly Transaction[],
  payTo: Uint8Array,
  { chain }: Pick<RpcHost, "chain">,
): Block {
  const { tip, params, now } = chain;
  return assembleBlock(tip, others, params, { payTo, time: Math.floor(now / 1000) });
}
