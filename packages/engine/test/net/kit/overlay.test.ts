import { bytesToHex } from "@chain/core";
import { expect, test } from "vitest";
import { overlayOf, parseOverlay } from "../../../src/net/kit/overlay.ts";

const ONION = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd";
const I2P = "c4gfnttsuwqomiygupdqqqyy5y5emnk5c73hrfvatri67prd7vyq";

test("a name of Tor or I2P is read, in letters of any size", () => {
  const onion = parseOverlay(`${ONION.toUpperCase()}.onion`);
  expect(onion).toMatchObject({ overlay: "onion", host: `${ONION}.onion` });
  expect(bytesToHex(onion?.address ?? new Uint8Array())).toBe(
    "79bcc625184b05194975c28b66b66b0469f7f6556fb1ac3189a79b40dda32f1f",
  );
  const i2p = parseOverlay(`${I2P}.B32.I2P`);
  expect(i2p).toMatchObject({ overlay: "i2p", host: `${I2P}.b32.i2p` });
  expect(i2p?.address).toHaveLength(32);
});

test.each([
  ["nothing", ""],
  ["an ending alone", ".onion"],
  ["the ending of Tor in large letters", `${ONION}.ONION`],
  ["a wrong checksum", `q${ONION.slice(1)}.onion`],
  ["another version", `${ONION.slice(0, -1)}c.onion`],
  ["one letter less", `${ONION.slice(1)}.onion`],
  ["a name of version 2", "expyuzz4wqqyqhjn.onion"],
  ["a digit that base32 lacks", `1${I2P.slice(1)}.b32.i2p`],
  ["bits behind the end", `${I2P.slice(0, -1)}r.b32.i2p`],
  ["one letter more", `${I2P}a.b32.i2p`],
  ["a name behind it", `${ONION}.onion.example`],
])("%s is no name of Tor or I2P", (_, text) => {
  expect(parseOverlay(text)).toBeUndefined();
});

test.each([
  ["host.onion", "onion"],
  ["HOST.Onion.", "onion"],
  [`${I2P}.b32.i2p`, "i2p"],
  ["host.I2P.", "i2p"],
  ["host.onion..", undefined],
  ["onion", undefined],
  ["host.onion.example", undefined],
  ["127.0.0.1", undefined],
  ["::1", undefined],
  ["", undefined],
])("the network of %j is %s", (host, overlay) => {
  expect(overlayOf(host)).toBe(overlay);
});
