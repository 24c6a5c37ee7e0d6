/** Random parameters bring an answer, or an error that says what is wrong with them; never an internal error. */
import { bytesToHex } from "@chain/core";
import { METHODS, RPC_INTERNAL_ERROR, RpcError } from "@chain/rpc";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { RpcMethod } from "../src/rpc/client.ts";
import { drive, regtestAddress } from "./support/rpc.ts";

/**
 * These end the node, wait for what does not come, or call a peer: a test must not hand them an address that may lie
 * outside.
 */
const LEFT_OUT = /^(stop|waitfor\w+|addnode|addconnection)$/;

it("no parameters bring an internal error", async () => {
  const { rpc, node } = await drive();
  await rpc.call("generatetoaddress", { nblocks: 2, address: regtestAddress(0) });
  const { tip } = node.chain;
  const block = await node.chain.getRawBlock(tip.hash);
  const hex = bytesToHex(block ?? expect.unreachable());
  const values = fc.oneof(
    fc.constantFrom<unknown>(
      tip.hash,
      "00".repeat(32),
      hex,
      hex.slice(0, 160),
      hex.slice(162),
      `${hex.slice(0, 160)}00`,
      "",
      "00",
      "6a",
      "zz",
      "add",
      "remove",
      regtestAddress(0),
      "127.0.0.1",
      "127.0.0.1:1",
      "10.0.0.0/8",
      "::/0",
      "fd6b:88c0:8724::1",
      "1e-9",
    ),
    fc.constantFrom<unknown>(0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 1e-9, 1.5, 1e300),
    fc.boolean(),
    fc.constant(null),
    fc.string({ maxLength: 20 }),
    fc.array(fc.constantFrom<unknown>("00", hex, 1, null), { maxLength: 3 }),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const names = [...METHODS]
    .map(({ name }) => name)
    .filter((name) => !LEFT_OUT.test(name)) as RpcMethod[];
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 4 }), async (params) => {
      for (const name of names) {
        const [first] = params;
        // A thousand blocks take a while, and are asked for elsewhere.
        if (/^generateto/.test(name) && typeof first === "number" && first > 3) continue;
        try {
          await rpc.call(name, params as never);
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
          expect(error.code, `${name} ${JSON.stringify(params)}: ${error.message}`).not.toBe(
            RPC_INTERNAL_ERROR,
          );
        }
      }
    }),
    { numRuns: 6 },
  );
  expect(await rpc.call("getblockcount")).toBeGreaterThanOrEqual(0);
});
