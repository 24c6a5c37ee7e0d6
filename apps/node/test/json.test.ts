/** All JSON that chain-node prints has one spelling of names and one of amounts. */
import { join } from "node:path";
import { type NodeConfig, openControl, readGenesisFile } from "@chain/fullnode";
import { COMMANDS } from "@chain/terminal";
import { testKey } from "@chain/testing/blockFactory";
import { expectSpelling } from "@chain/testing/jsonSpelling";
import { payAll, startTestNode } from "@chain/testing/nodes";
import { addressOf, asNode, newChain, newIdentity } from "@chain/testing/place";
import { expect, it } from "vitest";
import { createLog } from "../src/log.ts";
import { Program, startProcess } from "./support/process.ts";
import { runProgram } from "./support/run.ts";

it("has one spelling, whatever the command", async () => {
  const identity = await newIdentity();
  const seen = new Set<string>();
  const print = async (command: string, ...args: string[]) => {
    const ran = await runProgram([command, "--json", ...args, ...asNode(identity)]);
    expect(ran, command).toMatchObject({ code: 0, error: "" });
    seen.add(command);
    return expectSpelling(ran.out);
  };
  await print("createblockchain", "--address", addressOf(0));
  await print("genesis");

  const program = await startProcess(identity, "--json");
  seen.add("startnode");
  const genesis = join(identity.dataDir, "genesis.hex");
  await runProgram(["genesis", "--out", genesis, ...asNode(identity)]);
  const peer = await startTestNode({
    identity: await newIdentity(),
    connect: [{ host: "127.0.0.1", port: identity.nodeId }],
    genesis: await readGenesisFile(genesis),
  });
  await program.event("peer");
  const { rpc } = Object.fromEntries(program.lines.map((line) => [line["event"], line]));
  expect(rpc).toMatchObject({ cookie_file: identity.paths.cookie, port: expect.any(Number) });
  const control = await openControl(identity.paths);
  await control?.submit(await payAll(peer, { less: 1n }));
  await program.event("transaction");
  expect(await print("mine", "--address", addressOf(1))).toHaveLength(1);
  expect(await print("status")).toMatchObject({ node_id: identity.nodeId, height: 1 });
  expect(await print("peers")).toMatchObject([{ minfeefilter: "0" }]);
  expect(await print("bans", "--add", "10.1.0.0/16")).toHaveLength(1);
  const blocks = await print("printchain");
  expect(blocks).toMatchObject([
    { transactions: [{}, { outputs: [{ amount: "9.99999999" }] }] },
    { height: 0 },
  ]);
  const [{ transactions }] = blocks as [{ transactions: { txid: string }[] }];
  const txid = transactions[1]?.txid ?? expect.unreachable();
  expect(await print("prove", txid)).toMatchObject({ txid, height: 1, index: 1, transactions: 2 });
  await print("stop");
  expect(await program.ended).toBe(0);
  for (const line of program.out.trim().split("\n")) expectSpelling(line);

  expect(await print("reindexutxo")).toMatchObject({ height: 1, txouts: 2, total_amount: "20" });
  expect(await print("reindex")).toMatchObject({ height: 1, txouts: 2, total_amount: "20" });
  expect(await print("verify", "--level", "4")).toMatchObject({
    ...{ height: 1, level: 4, blocks: 1, disconnected: 1, complete: true },
  });
  const file = join(identity.dataDir, "bootstrap.dat");
  expect(await print("export", file)).toEqual({ path: file, from: 0, to: 1 });
  expect(await print("import", file)).toMatchObject({ height: 1, taken: 0, known: 2, refused: 0 });
  const dev = Program.inTest(["dev", "--json", "--rpcport", "0", "--peerport", "0"]);
  expectSpelling(JSON.stringify(await dev.until(({ mnemonic }) => mnemonic !== undefined)));
  dev.child.kill("SIGTERM");
  expect(await dev.ended).toBe(0);
  seen.add("dev");
  expect([...seen].sort()).toEqual([...COMMANDS["chain-node"]].sort());
});

it("spells the fields of the log in the same way, however the library names them", () => {
  let written = "";
  const write = (line: string) => {
    written += line;
  };
  const log = createLog({ format: "json", level: "info", colour: false, write, now: () => 0 });
  log("info", "chain", "changed", { forkHeight: 1, blocksPerSecond: 2 });
  expect(expectSpelling(written)).toMatchObject({ fork_height: 1, blocks_per_second: 2 });
});

it("names the address that gets the rewards when a miner is ready", async () => {
  const told: Readonly<Record<string, unknown>>[] = [];
  const log: NonNullable<NodeConfig["log"]> = (_level, _category, message, fields) => {
    told.push({ message, ...fields });
  };
  const config = { payTo: testKey(1).script, mineWhen: 5, log };
  const { port } = await startTestNode({ identity: await newChain(), ...config });
  expect(told.find((line) => line["event"] === "ready")).toMatchObject({
    event: "ready",
    rewardsTo: addressOf(1),
    message: expect.stringContaining(`node ${port} (miner, rewards to ${addressOf(1)}) listens`),
  });
});
