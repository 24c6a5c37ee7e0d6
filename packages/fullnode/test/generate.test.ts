/** How many blocks `generatetoaddress` mines: as many as Bitcoin Core would. */
import { regtest } from "@chain/core";
import { expect, it } from "vitest";
import { methods } from "../src/control/methods.ts";
import { drive, regtestAddress } from "./support/rpc.ts";

const address = regtestAddress(0);

it.each([0, -1, -0x8000_0000])("mines none where %d are wanted", async (nblocks) => {
  const { rpc } = await drive();
  expect(await rpc.call("generatetoaddress", { nblocks, address })).toEqual([]);
  expect(await rpc.call("getblockcount")).toBe(0);
});

it("looks at the address even so", async () => {
  const { rpc } = await drive();
  const call = rpc.call("generatetoaddress", { nblocks: 0, address: "x" });
  await expect(call).rejects.toMatchObject({ code: -5 });
});

it.each([0x8000_0000, -0x8000_0001, 0.5])("refuses %d, which is no int", async (nblocks) => {
  const { rpc } = await drive();
  const call = rpc.call("generatetoaddress", { nblocks, address });
  await expect(call).rejects.toMatchObject({ code: -32_602 });
});

it("mines more than 1,000", async () => {
  let mined = 0;
  const mine = async () => (++mined).toString(16).padStart(64, "0");
  const context = { identity: { network: { params: regtest } }, mine } as never;
  const params = { nblocks: 2_500, address };
  const hashes = await methods.generatetoaddress.call(params, context, { aborted: false });
  expect(new Set(hashes).size).toBe(2_500);
  expect(mined).toBe(2_500);
});

it("answers others while it mines, and ends with its node", async () => {
  const { rpc, node } = await drive();
  const mined = rpc.call("generatetoaddress", { nblocks: 0x7fff_ffff, address });
  const failed = expect(mined).rejects.toThrow();
  await expect.poll(() => rpc.call("getblockcount")).toBeGreaterThan(3);
  await rpc.call("stop");
  expect(await node.stopped).toEqual({ failed: false });
  await failed;
});
