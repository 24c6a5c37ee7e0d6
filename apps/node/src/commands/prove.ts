import { checkProofOfWork, hexToBytes, parseId, type Txid } from "@chain/core";
import { parseIdentity, RpcError, UserError } from "@chain/fullnode";
import { decodeMerkleBlock, type MerklePath } from "@chain/light";
import {
  type Context,
  formatJson,
  formatTable,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { needControl } from "../running.ts";

interface Flags extends IdentityFlags {
  readonly json?: true;
}

export function addProve(program: Command, { env, io }: Context): void {
  const command = program
    .command("prove")
    .argument("<txid>", "the transaction: one of the wallet's, where the node is a light one")
    .description("prove by its Merkle path that a transaction is in the chain of the running node")
    .option("--json", "print JSON, with the proof in hex");
  withExamples(
    withIdentity(command),
    "NODE_ID=3003 chain-node prove 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
  ).action(async (text: string, flags: Flags) => {
    const txid = readTxid(text);
    const control = await needControl(parseIdentity(flags, env), flags);
    const proof = await control.call("gettxoutproof", { txids: [txid] }).catch(refused);
    // Nothing of it is believed: the path leads to the root of a header that has work, or it does not.
    const path = decodeMerkleBlock(hexToBytes(proof));
    const { header } = path ?? {};
    const hasWork =
      header !== undefined && checkProofOfWork(header.hash, header.bits, control.params);
    if (path?.txid !== txid || header === undefined || !hasWork) {
      throw new UserError("refused", `the proof that the node gave of ${txid} proves nothing`);
    }
    const known = await control.call("getblockheader", { blockhash: header.hash });
    if (typeof known === "string" || known.confirmations < 1) {
      throw new UserError("refused", `the block of ${txid} is not in the best chain any more`);
    }
    const { height, confirmations } = known;
    await io.write(
      flags.json
        ? formatJson({
            ...{ txid, blockhash: header.hash, height, confirmations, index: path.index },
            transactions: path.transactionCount,
            siblings: path.siblings,
            merkleroot: header.merkleRoot,
            proof,
          })
        : asText(path, height, confirmations),
    );
  });
}

function readTxid(text: string): Txid {
  if (/^[0-9a-f]{64}$/.test(text)) return parseId(text);
  throw new UserError("usage", "a transaction id has 64 digits of hex");
}

function refused(error: unknown): never {
  if (!(error instanceof RpcError)) throw error;
  throw new UserError("refused", error.message, { cause: error });
}

function asText(path: MerklePath, height: number, confirmations: number): string {
  const { header, txid, index, transactionCount, siblings } = path;
  const steps = siblings.map((sibling, level) => {
    const side = ((index >> level) & 1) === 1 ? "left" : "right";
    return ["", `${sibling} (${side})`] as const;
  });
  const [[, first] = ["", "none: it is alone in its block"], ...others] = steps;
  return formatTable([
    ["transaction", txid],
    ["place", `${index + 1} of ${transactionCount} in block ${header.hash}`],
    [
      "height",
      `${height}, ${confirmations} ${confirmations === 1 ? "confirmation" : "confirmations"}`,
    ],
    ["Merkle path", first],
    ...others,
    ["leads to", `${header.merkleRoot}, the root in the header of the block: proved`],
  ]);
}
