import { openControl } from "@chain/fullnode";
import { startTestNode } from "@chain/testing/nodes";
import { asNode, newChain } from "@chain/testing/place";
import { expect, it } from "vitest";
import { runProgram } from "./support/run.ts";

const MINUTE = 60;

it("status warns where peers show another time", async () => {
  const other = await startTestNode({ identity: await newChain() });
  const identity = await newChain();
  await startTestNode({ identity });
  const rpc = (await openControl(identity.paths)) ?? expect.unreachable("it runs");
  const status = () => runProgram(["status", ...asNode(identity)]);
  expect((await status()).out).not.toContain("warning");
  const now = Math.floor(Date.now() / 1000);
  await rpc.call("setmocktime", { timestamp: now - 30 * MINUTE });
  const node = `127.0.0.1:${other.port}`;
  for (let n = 0; n < 5; n++) {
    await rpc.call("addnode", { node, command: "onetry" });
    await expect.poll(async () => (await rpc.call("getpeerinfo"))[0]?.ready).toBe(true);
    await rpc.call("disconnectnode", { address: node });
    await expect.poll(() => rpc.call("getconnectioncount")).toBe(0);
  }
  expect((await status()).out).toMatch(/warning +our clock is/);
});
