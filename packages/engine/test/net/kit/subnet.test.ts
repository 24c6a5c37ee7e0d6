import { formatIp } from "@chain/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ipOf } from "../../../src/net/kit/addresses.ts";
import {
  compareSubnets,
  formatSubnet,
  parseSubnet,
  type Subnet,
  subnetContains,
} from "../../../src/net/kit/subnet.ts";

const ONION = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd";
const I2P = "c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq";

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
    [`${ONION.toUpperCase()}.onion`, `${ONION}.onion`],
    [`${I2P}.B32.i2p`, `${I2P}.b32.i2p`],
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
    `${ONION}.onion/32`,
    `${I2P}.b32.i2p/32`,
  ])("is not %j", (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });

  it("stands in Core's order: the internet, Tor, I2P", () => {
    const texts = ["10.0.0.0/8", "10.0.0.0/9", "11.0.0.1/32", "2001:db8::/19"];
    const all = [...texts, `${ONION}.onion`, `${I2P}.b32.i2p`].map(
      (text) => parseSubnet(text) as Subnet,
    );
    const sorted = all.toReversed().toSorted(compareSubnets);
    expect(sorted.map(formatSubnet)).toEqual(all.map(formatSubnet));
    expect(all.filter((each) => subnetContains(each, ipOf("10.200.1.1")))).toEqual([all[0]]);
  });

  it("holds just those that begin alike (property)", () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const bits = (each: Uint8Array) =>
      [...each].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    void fc.assert(
      fc.property(bytes, bytes, fc.nat(128), (network, other, prefix) => {
        const subnet = parseSubnet(`${formatIp(network)}/${prefix}`);
        // An IPv4 address takes 32 at most.
        if (subnet === undefined || !("ip" in subnet)) return;
        const counts = bits(network).length - 128 + subnet.prefix;
        const alike = bits(network).slice(0, counts) === bits(other).slice(0, counts);
        expect(subnetContains(subnet, other)).toBe(alike);
        expect(subnetContains(subnet, network)).toBe(true);
      }),
    );
  });
});
