import {
  cannotRead,
  explained,
  type Identity,
  type ImportedBlocks,
  importBlocks,
  openChain,
  openWhenFree,
  parseIdentity,
  readGenesisOf,
  systemCode,
  UserError,
} from "@chain/fullnode";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { whole } from "./parsers.ts";
import { teller } from "./teller.ts";

interface Flags extends IdentityFlags {
  readonly stopHeight?: string;
  readonly par?: string;
  readonly json?: true;
}

/** `import`: takes in the blocks of files. Core: -loadblock. */
export function addImport(program: Command, { env, io, say }: Context): void {
  const command = program
    .command("import <file...>")
    .description(
      "take in the blocks of files, as of bootstrap.dat; stopped or killed, it goes on from there when called again. The node must not run",
    )
    .option("--stop-height <n>", "take in no more once the chain is so high")
    .option("--par <n>", "threads that run scripts; 0: one for each processor (default: 0)")
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "chain-node import bootstrap.dat --network regtest",
    "NODE_ID=3001 chain-node import bootstrap.dat",
  ).action(async (files: readonly string[], flags: Flags) => {
    const identity = parseIdentity(flags, env);
    const stopHeight =
      flags.stopHeight === undefined
        ? undefined
        : whole(0, 0xffff_ffff)(flags.stopHeight, "--stop-height");
    const threads = flags.par === undefined ? 0 : whole(-1024, 1024)(flags.par, "--par");
    const genesis = await firstGenesis(identity, files);
    const open = () => openChain(identity, { log: () => {}, genesis, threads });
    const { chain } = await openWhenFree(identity, open, say);
    const signal = { aborted: false };
    const forget = io.onStop(() => {
      signal.aborted = true;
    });
    const all: ImportedBlocks[] = [];
    try {
      for (const path of files) {
        const onProgress = progressTeller(path, say, () => chain.tip.height);
        const work = () => importBlocks(chain, path, { stopHeight, signal, onProgress });
        all.push(await explained(identity.paths.database, () => readable(path, work)));
        if (signal.aborted) break;
      }
      const { height, hash } = chain.tip;
      const sum = (of: "taken" | "known" | "refused" | "orphans") =>
        all.reduce((total, each) => total + each[of], 0);
      const facts = {
        ...{ height, bestblock: hash, taken: sum("taken"), known: sum("known") },
        ...{ refused: sum("refused"), orphans: sum("orphans") },
      };
      const first = all.find(({ firstRefused }) => firstRefused !== undefined)?.firstRefused;
      const counts = `${facts.taken} blocks were taken in, ${facts.known} were here already`;
      const lost = facts.orphans === 0 ? "" : `, ${facts.orphans} have parents that are not here`;
      const end = signal.aborted ? "; it was stopped, and goes on when called again" : "";
      const text = `${counts}${lost}; the chain is at height ${height}${end}\n`;
      await io.write(flags.json ? formatJson(facts) : text);
      if (first !== undefined) {
        const others = facts.refused === 1 ? "" : `, and ${facts.refused - 1} others were refused`;
        throw new UserError(
          "refused",
          `block ${first.hash} breaks a rule: ${first.reason}${others}`,
        );
      }
    } finally {
      forget();
      await chain.close();
    }
  });
}

/** Says how far a file is read. The function that it makes is called after each block. */
function progressTeller(path: string, say: Context["say"], height: () => number) {
  const tell = teller(say);
  const began = performance.now();
  let count = 0;
  return (read: number, size: number): void => {
    count++;
    const seconds = (performance.now() - began) / 1_000;
    const left = Math.ceil((seconds * (size - read)) / Math.max(read, 1));
    const rate = Math.round(count / seconds);
    const percent = Math.floor((100 * read) / size);
    tell(
      () =>
        `${path}: ${percent} %, height ${height()}, ${rate} blocks a second, ${left} seconds left`,
    );
  };
}

/** On a network whose chains have each a genesis block of its own, it is the first block of the first file. */
async function firstGenesis({ network }: Identity, [path]: readonly string[]) {
  if (network.genesis !== undefined || path === undefined) return undefined;
  return await readable(path, () => readGenesisOf(path));
}

async function readable<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (systemCode(error) !== undefined) throw cannotRead("the blocks of", path, error);
    throw error;
  }
}
