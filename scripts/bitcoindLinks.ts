/**
 * Makes links named `bitcoind` and `bitcoin-cli`, by which programs that expect Bitcoin Core start ours.
 *
 *     pnpm bitcoind-links DIR
 */
import { lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin", import.meta.url));
const LINKS = { bitcoind: "chain-bitcoind", "bitcoin-cli": "chain-cli" } as const;

const [folder] = process.argv.slice(2);
if (folder === undefined) fail("where to? pnpm bitcoind-links DIR");
// pnpm runs scripts in the folder of the repository, and DIR is of the folder where the user is.
const directory = resolve(process.env["INIT_CWD"] ?? ".", folder);

try {
  mkdirSync(directory, { recursive: true });
  // A program of that name that is none of ours stays, and so does its fellow.
  for (const name of Object.keys(LINKS)) refuseOther(join(directory, name));
  for (const [name, program] of Object.entries(LINKS)) {
    const path = join(directory, name);
    rmSync(path, { force: true });
    symlinkSync(join(BIN, program), path);
    process.stdout.write(`${path}\n`);
  }
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function refuseOther(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  const isOurs = found.isSymbolicLink() && /chain-(bitcoind|cli)$/.test(readlinkSync(path));
  if (!isOurs)
    fail(`${path} is there already, and no link of ours: remove it, or name another DIR`);
}

function fail(why: string): never {
  process.stderr.write(`error: ${why}\n`);
  process.exit(1);
}
