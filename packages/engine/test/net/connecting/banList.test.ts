import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { parseIp } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { BanList, DEFAULT_BAN_TIME } from "../../../src/net/connecting/banList.ts";

const NOW = 1_700_000_000_000;

const ip = (text: string) => parseIp(text) as Uint8Array;

describe("a list of bans", () => {
  it("holds for a day, or as long as it says, and is never cut short", () => {
    const bans = new BanList();
    expect(bans.add("10.1.0.7/16", NOW)).toBe("10.1.0.0/16");
    expect(bans.add("nobody", NOW)).toBeUndefined();
    const end = NOW / 1000 + DEFAULT_BAN_TIME;
    expect(bans.list(NOW)).toEqual([{ subnet: "10.1.0.0/16", createdAt: NOW / 1000, until: end }]);
    bans.add("10.1.0.0/16", NOW, NOW / 1000 + 5);
    expect(bans.has(ip("10.1.255.255"), end * 1000 - 1)).toBe(true);
    expect(bans.has(ip("10.1.255.255"), end * 1000)).toBe(false);
    expect(bans.has(ip("10.2.0.0"), NOW)).toBe(false);
    bans.add("10.1.0.0/16", NOW, end + 100);
    expect(bans.list(NOW)[0]?.until).toBe(end + 100);
    expect(bans.covers("10.1.9.9/16", NOW)).toBe(true);
    expect(bans.covers("10.1.9.9", NOW)).toBe(true);
    expect(bans.covers("10.1.9.9/24", NOW)).toBe(false);
    expect(bans.covers("10.2.9.9", NOW)).toBe(false);
    expect(bans.list((end + 100) * 1000)).toEqual([]);
  });

  it("can be kept, taken back and emptied", () => {
    const bans = new BanList();
    for (const subnet of ["10.0.0.1", "2001:db8::/32", "1.0.0.0/8"]) bans.add(subnet, NOW);
    const again = new BanList([...bans.list(NOW), { subnet: "x", createdAt: 0, until: 9e9 }]);
    expect(again.list(NOW)).toEqual(bans.list(NOW));
    expect([again.remove("1.2.3.4/8"), again.remove("1.2.3.4/8"), again.remove("?")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(again.has(ip("2001:db8::5"), NOW)).toBe(true);
    again.clear();
    expect(again.list(NOW)).toEqual([]);
  });

  it("is in the order of addresses, the larger subnet first", () => {
    const bans = new BanList();
    const inOrder = ["1.0.0.0/8", "127.0.0.0/24", "127.0.0.0/32", "127.0.0.1/32", "2001:db8::/32"];
    for (const subnet of inOrder.toReversed()) bans.add(subnet, NOW);
    expect(bans.list(NOW).map(({ subnet }) => subnet)).toEqual(inOrder);
  });

  it("has an end", () => {
    const bans = new BanList();
    let last: string | undefined;
    for (let n = 0; n <= 10_000; n++) last = bans.add(`20.${n >> 8}.${n & 255}.1`, NOW);
    expect(last).toBeUndefined();
    expect(bans.list(NOW).length).toBe(10_000);
  });
});

describe("a node that bans", () => {
  it("parts with those it bans, lets nobody in from there, and calls nobody there", async () => {
    const network = new TestNetwork();
    const node = await network.add("node");
    const [near, far] = [
      await Stranger.connect(network, node, { host: "20.1.0.1" }),
      await Stranger.connect(network, node, { host: "20.2.0.1" }),
    ];
    expect(node.node.ban("20.1.0.0/16")).toBe("20.1.0.0/16");
    expect(node.node.ban("everybody")).toBeUndefined();
    await near.isDropped();
    const again = new Stranger(network, "outbound");
    again.open(network.connectStranger(node, again.handler, "20.1.200.200"));
    await again.isDropped();
    expect(far.ended).toBeUndefined();
    node.node.bans.remove("20.1.0.0/16");
    await Stranger.connect(network, node, { host: "20.1.0.1" });
  });
});
