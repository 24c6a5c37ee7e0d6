import { NODE_NETWORK, NODE_NETWORK_LIMITED, NODE_WITNESS } from "@chain/wire";
import { expect, it } from "vitest";
import { isTipRecent, isWorthCalling } from "../../../src/net/kit/services.ts";

it("a pruned peer is worth calling while the tip is fewer than 144 blocks old", () => {
  const [full, pruned, both] = [
    NODE_NETWORK,
    NODE_NETWORK_LIMITED,
    NODE_NETWORK | NODE_NETWORK_LIMITED,
  ];
  const recent = (blocks: number, past = 0) =>
    isTipRecent(1_000, (1_000 + blocks * 600 + past) * 1000, 600);
  expect([recent(143), recent(143, 599), recent(144), recent(-5)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  for (const [services, whileRecent, later] of [
    [pruned | NODE_WITNESS, true, false],
    [full | NODE_WITNESS, true, true],
    [both | NODE_WITNESS, true, true],
    [both, false, false],
    [NODE_WITNESS, false, false],
  ] as const) {
    expect([isWorthCalling(services, true), isWorthCalling(services, false)]).toEqual([
      whileRecent,
      later,
    ]);
  }
});
