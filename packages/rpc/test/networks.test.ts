import { parseIp } from "@chain/wire";
import { expect, test } from "vitest";
import { peerNetworkOf } from "../src/describe/networks.ts";

test.each([
  ["host.onion.", "onion"],
  ["HOST.ONION", "onion"],
  ["host.b32.i2p", "i2p"],
  ["8.8.8.8", "ipv4"],
  ["2a00::1", "ipv6"],
  ["127.0.0.1", "not_publicly_routable"],
  ["10.0.0.1", "not_publicly_routable"],
  ["name.example", "not_publicly_routable"],
])("a peer at %s is in the network %s", (host, network) => {
  expect(peerNetworkOf(host, parseIp(host) ?? new Uint8Array(16))).toBe(network);
});
