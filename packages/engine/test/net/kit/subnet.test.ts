import { formatIp } from "@chain/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatSubnet,
  parseSubnet,
  type Subnet,
  subnetContains,
} from "../../../src/net/kit/subnet.ts";

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
        expect(subnetContains(subnet, other)).toBe(alike);
        expect(subnetContains(subnet, network)).toBe(true);
      }),
    );
  });
});
