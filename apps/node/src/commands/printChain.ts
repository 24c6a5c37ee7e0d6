import {
  type ChainReader,
  describeStoredBlock,
  formatTime,
  openReader,
  parseIdentity,
  type StoredBlock,
  UserError,
} from "@chain/fullnode";
import {
  type Context,
  type IdentityFlags,
  parseWhole,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";

interface Flags extends IdentityFlags {
  readonly limit?: string;
  readonly from?: string;
  readonly json?: true;
}

/** Heights have 32 bits at most. */
const MAX_HEIGHT = 0xffff_ffff;

export function addPrintChain(program: Command, { env, io, say }: Context): void {
  const command = program
    .command("printchain")
    .description("print the blocks of the best chain, the last one first")
    .option("--limit <number>", "no more than so many blocks")
    .option("--from <height>", "begin at this height and go down, instead of at the tip")
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3000 chain-node printchain --limit 10",
    "NODE_ID=3000 chain-node printchain --from 2 --json",
  ).action(async (flags: Flags) => {
    const identity = parseIdentity(flags, env);
    const limit =
      flags.limit === undefined ? undefined : parseWhole(flags.limit, "--limit", 1, MAX_HEIGHT);
    const from =
      flags.from === undefined ? undefined : parseWhole(flags.from, "--from", 0, MAX_HEIGHT);
    const reader = await openReader(identity, say);
    try {
      let first = true;
      for await (const block of downward(reader, from, limit)) {
        if (flags.json) {
          await io.write(`${first ? "[" : ","}\n${JSON.stringify(block)}`);
        } else {
          await io.write(`${first ? "" : "\n"}${render(block)}`);
        }
        first = false;
      }
      if (flags.json) await io.write("\n]\n");
    } finally {
      await reader.close();
    }
  });
}

/** One block after the other, so that a chain of any length can be printed. Follows the links between blocks, so what
 * is printed is one chain even while the node moves to another. */
async function* downward(
  reader: ChainReader,
  from: number | undefined,
  limit: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<StoredBlock> {
  const tip = await reader.tip();
  let height = from ?? tip.height;
  let hash = from === undefined ? tip.hash : await reader.hashAt(height);
  for (let left = limit; left > 0 && height >= 0; left--, height--) {
    if (hash === undefined) {
      throw new UserError("usage", `--from ${height} is beyond the tip, which is at ${tip.height}`);
    }
    const { block, undo } = await reader.read(hash);
    yield describeStoredBlock(block, height, undo, reader.params);
    hash = block.header.previousHash;
  }
}

function render(block: StoredBlock): string {
  const lines = [
    `Block ${block.height}  ${block.hash}`,
    `  previous  ${block.previousblockhash}`,
    `  time      ${formatTime(block.time)} UTC`,
    `  work      ${block.proof_of_work ? "valid" : "NOT VALID"}, bits ${block.bits}, nonce ${block.nonce}`,
  ];
  for (const { txid, inputs, outputs } of block.transactions) {
    lines.push(`  transaction ${txid}`);
    for (const input of inputs) {
      lines.push(
        "coinbase" in input
          ? "    in   new coins"
          : `    in   ${partyOf(input)}  ${input.amount ?? "?"}  (${input.txid}:${input.vout})`,
      );
    }
    for (const output of outputs) lines.push(`    out  ${partyOf(output)}  ${output.amount}`);
  }
  return `${lines.join("\n")}\n`;
}

function partyOf({
  address,
  script,
}: {
  readonly address?: string;
  readonly script?: string;
}): string {
  if (address !== undefined) return address;
  return script === undefined
    ? "?"
    : `script ${script.length > 80 ? `${script.slice(0, 80)}…` : script}`;
}
