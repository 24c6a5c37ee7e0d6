import { writeFile } from "node:fs/promises";
import { bytesToHex } from "@chain/core";
import { cannotWrite, openReader, parseIdentity, systemCode, UserError } from "@chain/fullnode";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";

interface Flags extends IdentityFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function addGenesis(program: Command, { env, io, say }: Context): void {
  const command = program
    .command("genesis")
    .description("print the genesis block in hex: with it, another node can join this chain")
    .option("--out <file>", "write it to a file that does not exist yet")
    .option("--json", "print JSON, with its hash");
  withExamples(
    withIdentity(command),
    "NODE_ID=3000 chain-node genesis --out genesis.hex",
    "NODE_ID=3001 chain-node startnode --genesis genesis.hex",
  ).action(async (flags: Flags) => {
    const identity = parseIdentity(flags, env);
    const reader = await openReader(identity, say);
    try {
      const { genesis } = reader.params;
      const hex = bytesToHex(genesis.toBytes());
      if (flags.out !== undefined) await writeNew(flags.out, `${hex}\n`);
      if (flags.json) await io.write(formatJson({ hash: genesis.hash, hex }));
      else if (flags.out === undefined) await io.write(`${hex}\n`);
    } finally {
      await reader.close();
    }
  });
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    if (systemCode(error) === "EEXIST") {
      throw new UserError("exists", `${path} exists: it will not be overwritten`, { cause: error });
    }
    throw cannotWrite("the genesis file", path, error);
  }
}
