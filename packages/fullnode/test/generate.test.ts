/** How many blocks `generatetoaddress` mines: as many as Bitcoin Core would. */
import { expect, it } from "vitest";
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
  await expect(call).rejects.toMatchObject({ code: -1 });
});

it("answers others while it mines, and ends with its node", async () => {
  const { rpc, node } = await drive();
  const mined = rpc.call("generatetoaddress", { nblocks: 0x7fff_ffff, address });
  await expect.poll(() => rpc.call("getblockcount")).toBeGreaterThan(3);
  await rpc.call("stop");
  expect(await node.stopped).toEqual({ failed: false });
  // Those that it had found by then, as Core does: it does not wait until the node cuts it off.
  expect((await mined).length).toBeGreaterThan(3);
});

it("finds a block for each of several callers, though all pay to one address", async () => {
  const { rpc } = await drive();
  const calls = Array.from({ length: 4 }, () =>
    rpc.call("generatetoaddress", { nblocks: 3, address }),
  );
  const hashes = (await Promise.all(calls)).flat();
  expect(new Set(hashes).size).toBe(12);
  expect(await rpc.call("getblockcount")).toBe(12);
});
