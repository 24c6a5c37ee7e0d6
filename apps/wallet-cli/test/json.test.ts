/** All JSON that chain-wallet prints has one spelling of names and one of amounts; what is immature stands apart. */
import { Readable } from "node:stream";
import { openOffline, parseAddress, parseIdentity, type RunningNode } from "@chain/fullnode";
import { COMMANDS } from "@chain/terminal";
import { testKey } from "@chain/testing/blockFactory";
import { expectSpelling } from "@chain/testing/jsonSpelling";
import { mineTo, startTestNode } from "@chain/testing/nodes";
import { asNode, newIdentity } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { expect, it, vi } from "vitest";
import { run } from "../src/cli.ts";

vi.setConfig({ testTimeout: 120_000 });

/** A wallet on regtest, where coinbases mature after 100 blocks, and its node. */
async function walletOnRegtest() {
  const { nodeId, dataDir } = await newIdentity();
  const options = { port: String(nodeId), datadir: dataDir, network: "regtest" };
  const identity = parseIdentity(options, {});
  const place = [...asNode({ ...identity, dataDir }), "--network", "regtest"];
  const attempt = async (...args: string[]) => {
    const io = new TestIo();
    const code = await run([...args, ...place], { CHAIN_NEW_PASSPHRASE: "secret" }, io);
    return { code, out: io.out, error: io.error };
  };
  const node: RunningNode = await startTestNode({ identity });
  return { identity, attempt, node };
}

it("has one spelling, whatever the command", async () => {
  const { identity, attempt, node } = await walletOnRegtest();
  const seen = new Set<string>();
  const print = async (command: string, ...args: string[]) => {
    const ran = await attempt(command, "--json", ...args);
    expect(ran, command).toMatchObject({ code: 0, error: "" });
    seen.add(command);
    return expectSpelling(ran.out) as never;
  };
  const { address } = await print("createwallet", "--label", "first");
  await print("listaddresses");
  const balance = ["getbalance", "--address", address] as const;
  const script = parseAddress(address, identity.network, "--address");

  await mineTo(node, script, 2);
  const young = { balance: "0", unconfirmed: "0", immature: "100" };
  expect(await print(...balance)).toEqual([{ address, ...young }]);
  expect((await attempt(...balance)).out).toBe(
    `Balance of '${address}': 0, and 100 immature: mined too recently\n`,
  );
  const poor = ["--from", address, "--to", address, "--amount", "1"] as const;
  expect(await attempt("send", ...poor)).toMatchObject({
    code: 1,
    error: expect.stringContaining("100 more is immature: mined less than 100 blocks ago"),
  });
  expect((await attempt("consolidate", "--from", address)).error).toContain("100 more is immature");

  await mineTo(node, testKey(1).script, 98);
  const half = { balance: "50", unconfirmed: "0", immature: "50" };
  expect(await print(...balance)).toEqual([{ address, ...half }]);
  await node.stop();
  expect(await print(...balance)).toEqual([{ address, ...half }]);
  await mineAlone(identity, 1);

  await startTestNode({ identity });
  await print("consolidate", "--from", address);
  const sent = await print("send", ...poor, "--mine");
  expect(sent).toMatchObject({ amount: "1", blockhash: expect.any(String) });
  await print("abandon");
  const { key } = await print("exportkey", "--address", address);
  const stdin = vi.spyOn(process, "stdin", "get");
  stdin.mockReturnValue(Readable.from([`${key}\n`]) as unknown as typeof process.stdin);
  await print("importkey");
  stdin.mockRestore();
  expect(await print("encryptwallet")).toEqual({ encrypted: true });
  expect([...seen].sort()).toEqual([...COMMANDS["chain-wallet"]].sort());
});

/** Mines on the chain of a node that does not run. */
async function mineAlone(identity: Parameters<typeof openOffline>[0], count: number) {
  const offline = await openOffline(identity);
  await mineTo(offline, testKey(1).script, count);
  await offline.close();
}
