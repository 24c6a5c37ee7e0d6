import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { formatIp, parseIp } from "@chain/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BanList, DEFAULT_BAN_TIME } from "../src/net/connecting/banList.ts";
import { contains, formatSubnet, parseSubnet, type Subnet } from "../src/net/connecting/subnet.ts";

const NOW = 1_700_000_000_000;
const ip = (text: string) => parseIp(text) as Uint8Array;

describe("a subnet", () => {
  it.each([
    ["10.1.2.3", "10.1.2.3/32"],
    ["10.1.2.3/16", "10.1.0.0/16"],
    ["10.1.2.3/255.255.0.0", "10.1.0.0/16"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["10.1.2.3/0.0.0.0", "0.0.0.0/0"],
    ["10.1.2.3/255.255.255.255", "10.1.2.3/32"],
    ["2001:DB8:1::5/33", "2001:db8::/33"],
    ["::1", "::1/128"],
    ["::/0", "::/0"],
  ])("%s is %s", (text, subnet) => {
    expect(formatSubnet(parseSubnet(text) as Subnet)).toBe(subnet);
  });

  it.each([
    "",
    "/",
    "host",
    "10.1.2",
    "10.1.2.3/",
    "10.1.2.3/33",
    "10.1.2.3/-1",
    "10.1.2.3/1e1",
    "10.1.2.3/255.0.255.0",
    "10.1.2.3/::",
    "::/129",
    "::/255.0.0.0",
    "10.1.2.3/8/8",
  ])("is not %j", (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });

  it("holds just those that begin alike (property)", () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const bits = (each: Uint8Array) =>
      [...each].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    void fc.assert(
      fc.property(bytes, bytes, fc.nat(128), (network, other, prefix) => {
        const subnet = parseSubnet(`${formatIp(network)}/${prefix}`);
        if (subnet === undefined) return; // an IPv4 address takes 32 at most
        const counts = bits(network).length - 128 + subnet.prefix;
        const alike = bits(network).slice(0, counts) === bits(other).slice(0, counts);
        expect(contains(subnet, other)).toBe(alike);
        expect(contains(subnet, network)).toBe(true);
      }),
    );
  });
});

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

describe("a full node", () => {
  it("parts with the youngest of the largest crowd, and with none who is useful", async () => {
    const network = new TestNetwork();
    const node = await network.add("node", { maxInbound: 60 });
    const crowd: Stranger[] = [];
    const others: Stranger[] = [];
    for (let n = 0; n < 30; n++) {
      others.push(await Stranger.connect(network, node, { host: `30.${n}.0.1` }));
      crowd.push(await Stranger.connect(network, node, { host: `66.6.0.${n}` }));
    }
    // Each in a place of its own: another address of the crowd's network, not another host.
    for (let n = 0; n < 8; n++) await Stranger.connect(network, node, { host: `40.${n}.0.1` });
    expect(others.filter(({ ended }) => ended !== undefined)).toEqual([]);
    expect(crowd.filter(({ ended }) => ended !== undefined).length).toBe(8);
  });
});
