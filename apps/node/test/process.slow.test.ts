import { existsSync } from "node:fs";
import { cp, open, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { handIn, openControl, openOffline } from "@chain/fullnode";
import { payment, testKey } from "@chain/testing/blockFactory";
import { payAll } from "@chain/testing/nodes";
import { addressOf, asNode, newChain, newIdentity } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import { Program, startProcess } from "./support/process.ts";
import { runProgram } from "./support/run.ts";

describe("a node as a process", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("ends in peace on %s", async (signal) => {
    const identity = await newChain();
    const node = await startProcess(identity);
    node.child.kill(signal);
    expect(await node.ended).toBe(0);
    expect(node.error).toBe("");
    expect(node.lines.at(-1)).toMatchObject({ event: "stopped" });
    expect(existsSync(identity.paths.control)).toBe(false);
  });

  it("says who has what it needs: the database, and the port", async () => {
    const identity = await newChain();
    const node = await startProcess(identity);
    for (const command of [["reindexutxo"], ["startnode", "--role", "central"]]) {
      const { code, error } = await runProgram([...command, ...asNode(identity)]);
      expect(code).toBe(1);
      expect(error).toMatch(/^error: [^\n]+\n$/);
      expect(error).toContain(`in use by process ${node.child.pid}`);
    }
    const again = await runProgram([
      "createblockchain",
      "--address",
      addressOf(0),
      ...asNode(identity),
    ]);
    expect(again).toMatchObject({ code: 1, error: expect.stringContaining("exists") });

    // The same port, from another directory.
    const rival = await newChain();
    const argv = ["startnode", "--port", String(identity.nodeId), "--datadir", rival.dataDir];
    await cp(
      rival.paths.database,
      rival.paths.database.replace(String(rival.nodeId), String(identity.nodeId)),
      {
        recursive: true,
      },
    );
    const refused = await runProgram(argv);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.error).toBe(
      `error: port ${identity.nodeId} of 127.0.0.1 is taken: another node or program listens there; choose another NODE_ID\n`,
    );
    // Files that had been opened for it are closed again.
    const after = await runProgram([
      "printchain",
      "--json",
      "--port",
      argv[2] ?? "",
      "--datadir",
      rival.dataDir,
    ]);
    expect(after.code).toBe(0);
  });

  it("takes unusual transactions unless it is told not to", async () => {
    for (const [options, reason] of [
      [[], "bad-txns-inputs-missingorspent"],
      [["--require-standard"], "version"],
    ] as const) {
      const identity = await newChain();
      await startProcess(identity, ...options);
      const { port } = JSON.parse(await readFile(identity.paths.control, "utf8"));
      const login = await readFile(identity.paths.cookie, "utf8");
      const unusual = `63000000${"01"}${"ab".repeat(36)}0000000000${"01"}${"00".repeat(8)}0a${"51".repeat(10)}00000000`;
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(login)}` },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "sendrawtransaction",
          params: [unusual],
        }),
      });
      expect(await response.json()).toMatchObject({ error: { message: reason } });
    }
  });

  it("killed, comes back with its chain and its waiting transactions, and mines them", async () => {
    const identity = await newChain();
    const first = await startProcess(identity, "--miner", addressOf(2), "--connect", "127.0.0.1:1");
    const control = await openControl(identity.paths);
    await control?.mine(addressOf(2));
    const params = control?.params;
    if (control === undefined || params === undefined) expect.unreachable();
    const coins = await control.coins(testKey(0).script);
    const outputs = [{ value: 1_000_000_000n, scriptPubKey: testKey(1).script }];
    const transaction = payment({ coins, outputs, key: testKey(0) });
    const address = { host: "127.0.0.1", port: identity.nodeId };
    expect(await handIn({ address, params, transaction })).toMatchObject({ accepted: true });
    await expect
      .poll(() =>
        readFile(identity.paths.mempool).then(
          (bytes) => bytes[8],
          () => 0,
        ),
      )
      .toBe(1);
    first.child.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    // The files that it left behind mislead nobody.
    expect(existsSync(identity.paths.control)).toBe(true);
    expect(await openControl(identity.paths)).toBeUndefined();
    const offline = await openOffline(identity);
    expect(offline.chain.tip.height).toBe(1);
    await offline.close();

    const second = await startProcess(
      identity,
      ...["--miner", addressOf(2), "--mine-when", "1", "--connect", "127.0.0.1:1"],
    );
    await second.until(({ event, height }) => event === "tip" && height === 2);
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    const after = await openOffline(identity);
    const paid = await after.coins(testKey(1).script);
    expect(paid).toMatchObject([{ outpoint: { txid: transaction.txid }, pending: false }]);
    await expect(payAll(after, { from: testKey(1) })).resolves.toBeDefined();
    await after.close();
  });

  it("ends without a stack trace when its reader goes away", async () => {
    const identity = await newChain();
    const program = Program.inTest(["printchain", ...asNode(identity)]);
    program.child.stdout?.destroy();
    expect(await program.ended).toBe(0);
    expect(program.error).toBe("");
  });

  it.skipIf(!existsSync("/dev/full"))(
    "says so when its output can't be written (skipped: this system has no /dev/full)",
    async () => {
      const identity = await newChain();
      const full = await open("/dev/full", "w");
      for (const argv of [["printchain", ...asNode(identity)], ["--help"]]) {
        const program = Program.inTest(argv, [], full.fd);
        expect(await program.ended).toBe(1);
        expect(program.error).toMatch(/^error: can't write the output: ENOSPC[^\n]*\n$/);
      }
      await full.close();
    },
  );

  it("tells a mistake of the command line in one line", async () => {
    const identity = await newIdentity();
    const program = Program.inTest(["startnode", ...asNode(identity)]);
    expect(await program.ended).toBe(1);
    expect(program.out).toBe("");
    expect(program.error).toMatch(/^error: node \d+ has no chain yet: [^\n]+\n$/);
  });

  it("follows another, and stops while it does", async () => {
    const first = await newChain();
    const second = await newIdentity(first.dataDir);
    await cp(first.paths.database, second.paths.database, { recursive: true });
    const central = await startProcess(first);
    const wallet = await startProcess(second, "--connect", `127.0.0.1:${first.nodeId}`);
    const control = await openControl(first.paths);
    await control?.mine(addressOf(1));
    await wallet.until(({ event, height }) => event === "tip" && height === 1);
    const commands = (direction: string, { lines }: Program) =>
      lines.filter((line) => line["direction"] === direction).map((line) => line["command"]);
    expect(commands("received", wallet)).toContain("cmpctblock");
    expect(commands("sent", wallet)).toContain("getdata");
    expect(commands("sent", central)).toContain("cmpctblock");
    wallet.child.kill("SIGTERM");
    expect(await wallet.ended).toBe(0);
    await central.event("peer-gone");
  });

  it("dies at once when asked twice", async () => {
    const identity = await newChain();
    const node = await startProcess(identity);
    // A peer that never lets go makes the end take a moment.
    const peer = connect({ port: identity.nodeId, host: "127.0.0.1", allowHalfOpen: true });
    peer.on("error", () => {});
    await new Promise((resolve) => peer.once("connect", resolve));
    node.child.kill("SIGTERM");
    await node.until(({ msg }) => msg === "stopping");
    node.child.kill("SIGTERM");
    expect(await node.ended).toBe(128 + 15);
    peer.destroy();
  });
});
