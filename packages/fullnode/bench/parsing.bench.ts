/**
 * Bytes to blocks with the ids of all transactions, beside the parsers of two other libraries: speed, and the memory
 * that it takes. Run with `pnpm bench parsing`.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Block, hexToBytes } from "@chain/core";
import { withRegistry } from "@chain/testing/loopback";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { Block as BitcoinjsBlock } from "bitcoinjs-lib";
import { best } from "./support/measure.ts";

interface Parser {
  readonly name: string;
  /** Reads a block and names all of its transactions. */
  parse(raw: Buffer): object;
}

const parsers: Parser[] = [
  {
    name: "@chain/core",
    parse(raw) {
      const block = Block.fromBytes(raw);
      for (const { txid } of block.transactions) void txid;
      return block;
    },
  },
  {
    name: "bitcoinjs-lib",
    parse(raw) {
      const block = BitcoinjsBlock.fromBuffer(raw);
      for (const transaction of block.transactions ?? []) transaction.getId();
      return block;
    },
  },
];

/** bcoin brings a hundred packages and compiles some: it stays out of this repository, and its native parts out of it. */
function bcoin(version = "1.0.2"): Parser {
  const folder = join(tmpdir(), `chain-bench-bcoin-${version}`);
  if (!existsSync(join(folder, "node_modules/bcoin"))) {
    console.log(`installing bcoin ${version} into ${folder}, without its scripts`);
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["install", "--prefix", folder, ...flags, `bcoin@${version}`], {
      env: withRegistry("bcoin"),
    });
  }
  const load = createRequire(join(folder, "package.json"));
  const BcoinBlock = load("bcoin/lib/primitives/block") as {
    fromRaw(raw: Buffer): { readonly txs: readonly { txid(): string }[] };
  };
  return {
    name: `bcoin ${version}`,
    parse(raw) {
      const block = BcoinBlock.fromRaw(raw);
      for (const transaction of block.txs) transaction.txid();
      return block;
    },
  };
}

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
/** More than once: buffers go only after the objects that hold them. */
function collect(): void {
  for (let i = 0; i < 3; i++) gc();
}
function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes taken while it runs, garbage included: the middle of all blocks, so that a collection in one does not count. */
function allocated(raws: readonly Buffer[], run: (raw: Buffer) => unknown): number {
  const taken = raws.map((raw) => {
    const before = used();
    run(raw);
    return (used() - before) / raw.length;
  });
  return taken.sort((a, b) => a - b)[raws.length >> 1] as number;
}

/** Bytes that are still taken by what came out. */
function retained(raws: readonly Buffer[], run: (raw: Buffer) => object): number {
  collect();
  const before = used();
  const kept = raws.map(run);
  collect();
  return kept.length === 0 ? 0 : used() - before;
}

async function compare(sample: string, raws: readonly Buffer[]): Promise<void> {
  const bytes = raws.reduce((sum, { length }) => sum + length, 0);
  const rows: object[] = [];
  for (const { name, parse } of parsers) {
    const seconds = await best(() => {
      for (const raw of raws) parse(raw);
    });
    rows.push({
      [sample]: name,
      "MB/s": (bytes / 1e6 / seconds).toFixed(1),
      // One block alone takes more than the collector leaves lying.
      ...(raws.length > 1 && { "bytes allocated per byte": allocated(raws, parse).toFixed(1) }),
      "bytes kept per byte": (retained(raws, parse) / bytes).toFixed(1),
    });
  }
  console.table(rows);
}

try {
  parsers.push(bcoin());
} catch (error) {
  console.log(`bcoin is left out: ${error instanceof Error ? error.message : error}`);
}
if (present) {
  const { raw } = sharedChain("chain-p2pkh");
  await compare(
    "1,000 blocks of 6 kB",
    raw.map((bytes) => Buffer.from(bytes)),
  );
} else {
  console.log("skipped, as ../shared/data is absent: a chain of 1,000 blocks");
}
const { blockhex } = createRequire(import.meta.url)("bsv/test/vectors/largesttxblock.json") as {
  blockhex: string;
};
await compare("a block of 1 MB, one transaction", [Buffer.from(hexToBytes(blockhex))]);
