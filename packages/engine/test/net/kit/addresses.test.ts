import { describe, expect, it } from "vitest";
import {
  groupOf,
  isLoopback,
  isPrivate,
  isRoutable,
  isUsable,
} from "../../../src/net/kit/addresses.ts";
import { at } from "../../support/addresses.ts";

describe("AddressBook", () => {
  it("knows what is on the internet, as Core does", () => {
    const local =
      "0.0.0.0 0.1.2.3 127.0.0.1 127.255.0.1 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 198.18.0.1 198.19.255.255 169.254.1.1 100.64.0.1 100.127.0.1 192.0.2.1 198.51.100.9 203.0.113.200 255.255.255.255 :: ::1 2001:db8::1 fc00::1 fd00::1 fd87:d87e:eb43::1 fd6b:88c0:8724::1 fe80::1 2001:10::1 2001:1f::1 2001:20::1 2001:2f:ffff::1";
    const routable =
      "1.1.1.1 172.32.0.1 172.15.0.1 198.17.0.1 198.20.0.1 100.128.0.1 192.0.3.1 198.51.101.1 203.0.114.1 224.0.0.1 255.255.255.254 2001::1 2001:30::1 2001:db7::1 2002::1 64:ff9b::1 ff02::1 ::2";
    for (const host of local.split(" "))
      expect([host, isRoutable(at(host).ip)]).toEqual([host, false]);
    for (const host of routable.split(" "))
      expect([host, isRoutable(at(host).ip)]).toEqual([host, true]);
    // Neither is an address at all, not even on a machine of one's own.
    for (const host of ["fd87:d87e:eb43::1", "fd6b:88c0:8724::1"]) {
      expect(isUsable(at(host).ip)).toBe(false);
    }
  });

  it("knows kinds of addresses", () => {
    const kinds = (host: string) => {
      const { ip } = at(host);
      return [isUsable(ip), isLoopback(ip), isPrivate(ip)];
    };
    expect(kinds("8.8.8.8")).toEqual([true, false, false]);
    expect(kinds("127.3.2.1")).toEqual([true, true, false]);
    for (const host of [
      "10.1.2.3",
      "172.16.0.1",
      "192.168.7.7",
      "169.254.0.1",
      "100.64.0.1",
      "fd00::1",
      "fe80::1",
    ]) {
      expect([host, ...kinds(host)]).toEqual([host, true, false, true]);
    }
    for (const host of [
      "0.0.0.0",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "ff02::1",
      "2001:db8::1",
      "a name",
    ]) {
      expect([host, kinds(host)[0]]).toEqual([host, false]);
    }
    expect(kinds("::1")).toEqual([true, true, false]);
    expect(groupOf(at("8.8.1.1"))).toBe(groupOf(at("8.8.2.2", 1)));
    expect(groupOf(at("8.8.1.1"))).not.toBe(groupOf(at("8.9.1.1")));
    expect(groupOf(at("127.0.0.1", 1))).not.toBe(groupOf(at("127.0.0.1", 2)));
    expect(groupOf(at("2a00:1::1"))).toBe(groupOf(at("2a00:1:2::1")));
  });
});
