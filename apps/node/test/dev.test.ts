/** The command `dev`, as a process. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRpcClient } from "@chain/rpc/client";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, it } from "vitest";
import { Program } from "./support/process.ts";
import { runProgram } from "./support/run.ts";

const FREE = ["--rpcport", "0", "--peerport", "0"];

interface Facts {
  readonly height: number;
  readonly accounts: readonly { readonly address: string; readonly wif: string }[];
  readonly doors: Readonly<Record<string, string>>;
  readonly rpcuser: string;
  readonly rpcpassword: string;
  readonly automine: unknown;
}

/** A chain that runs, what it says, and a client of it. */
async function start(...argv: string[]) {
  const program = Program.inTest(["dev", "--json", ...FREE, ...argv]);
  const line = await program.until(({ mnemonic }) => mnemonic !== undefined);
  const facts = line as unknown as Facts;
  const { rpcuser: user, rpcpassword: password, doors } = facts;
  const client = createRpcClient({ url: doors["rpc"] ?? "", user, password });
  return { program, facts, client };
}

it("says who has funds and where it can be called, and ends in order", async () => {
  const { program, facts, client } = await start("--accounts", "2", "--balance", "7.5");
  expect(Object.keys(facts.doors)).toEqual(["rpc", "rest", "events", "p2p"]);
  expect(facts).toMatchObject({ accounts: [{}, {}], automine: true });
  const { address } = facts.accounts[1] ?? expect.unreachable("two accounts");
  expect(await client.chainAccounts()).toMatchObject([{ balance: 7.5 }, { address, balance: 7.5 }]);
  // It is mined at once.
  await client.chainSend(0, address, 1);
  await client.chainSettled();
  expect(await client.getBlockCount()).toBe(facts.height + 1);
  const rest = await fetch(`${facts.doors["rest"]}chaininfo.json`);
  expect(await rest.json()).toMatchObject({ blocks: facts.height + 1, chain: "regtest" });
  program.child.kill("SIGINT");
  expect(await program.ended).toBe(0);
  expect(program.error).toBe("");
});

it("keeps its chain in a file, also where the RPC ends it", async () => {
  const file = join(await temporaryDirectory(), "chain.json");
  const first = await start("--state", file, "--no-mining", "--accounts", "1");
  expect(first.facts.automine).toBe(false);
  await first.client.chainMine(3);
  const txid = await first.client.chainFaucet(first.facts.accounts[0]?.address ?? "", 1);
  await first.client.stop();
  expect(await first.program.ended).toBe(0);
  const again = await start("--state", file, "--interval", "3600");
  expect(again.facts).toMatchObject({
    height: first.facts.height + 3,
    accounts: first.facts.accounts,
    automine: { interval: 3_600 },
  });
  expect(await again.client.getRawMempool()).toEqual([txid]);
  again.program.child.kill("SIGTERM");
  expect(await again.program.ended).toBe(0);

  await writeFile(file, (await readFile(file, "utf8")).slice(0, 100));
  const { code, error } = await runProgram(["dev", ...FREE, "--state", file]);
  expect({ code, error }).toEqual({
    code: 1,
    error: `error: --state ${file}: the state is no JSON: dump() writes one\n`,
  });
});

it("tells people the same", async () => {
  const program = Program.inTest(["dev", "--accounts", "1", ...FREE]);
  await expect.poll(() => program.out).toContain("Ctrl-C ends it");
  expect(program.out).toMatch(/^ {2}0 {2}bcrt1q\w{38} {2}c\w{51}$/m);
  expect(program.out).toMatch(/^rpc {5}http:\/\/127\.0\.0\.1:\d+ {3}user dev, password dev$/m);
  expect(program.out).toContain("blocks are mined at once for each transaction");
  program.child.kill("SIGTERM");
  expect(await program.ended).toBe(0);
});
