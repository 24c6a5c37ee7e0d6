/** Each package's README names what the package exports. */
import { readFileSync } from "node:fs";
import * as core from "@chain/core";
import * as devchain from "@chain/devchain";
import * as electrum from "@chain/electrum";
import * as engine from "@chain/engine";
import * as enginePeers from "@chain/engine/peers";
import * as esplora from "@chain/esplora";
import * as fullnode from "@chain/fullnode";
import * as indexes from "@chain/indexes";
import * as light from "@chain/light";
import * as rpc from "@chain/rpc";
import * as rpcClient from "@chain/rpc/client";
import * as signatures from "@chain/signatures";
import * as signaturesWasm from "@chain/signatures/wasm";
import * as simnet from "@chain/simnet";
import * as storage from "@chain/storage";
import * as storageLevel from "@chain/storage/level";
import * as terminal from "@chain/terminal";
import * as terminalBitcoin from "@chain/terminal/bitcoin";
import * as wallet from "@chain/wallet";
import * as accounts from "@chain/wallet/accounts";
import * as descriptors from "@chain/wallet/descriptors";
import * as walletFile from "@chain/wallet/file";
import * as ledger from "@chain/wallet/ledger";
import * as message from "@chain/wallet/message";
import * as psbt from "@chain/wallet/psbt";
import * as spending from "@chain/wallet/spending";
import * as wire from "@chain/wire";
import { expect, test } from "vitest";

const PACKAGES = {
  core,
  devchain,
  electrum,
  engine,
  esplora,
  fullnode,
  indexes,
  light,
  rpc,
  signatures,
  simnet,
  storage,
  terminal,
  wallet,
  wire,
};
/** Entries besides the first: what they export stands anywhere in the README. */
const ENTRIES = {
  engine: [enginePeers],
  rpc: [rpcClient],
  signatures: [signaturesWasm],
  storage: [storageLevel],
  terminal: [terminalBitcoin],
  wallet: [accounts, descriptors, walletFile, ledger, message, psbt, spending],
};

const readme = (name: string) =>
  readFileSync(new URL(`../packages/${name}/README.md`, import.meta.url), "utf8");
const quoted = (text: string) =>
  new Set([...text.matchAll(/`(\w+)`/g)].map(([, word]) => word as string));

/** The names between backquotes in the section on exports. */
function namesIn(name: string): ReadonlySet<string> {
  const [, section = ""] = readme(name).split("\n## Exports\n");
  const [list = ""] = section.split("\n## ");
  return quoted(list);
}

test.each(Object.entries(PACKAGES))("the README of %s names every export", (name, exports) => {
  const named = namesIn(name);
  expect(Object.keys(exports).filter((each) => !named.has(each))).toEqual([]);
});

test.each(Object.entries(ENTRIES))(
  "the README of %s names what its other entries export",
  (name, entries) => {
    const named = quoted(readme(name));
    const exported = entries.flatMap((each) => Object.keys(each));
    expect(exported.filter((each) => !named.has(each))).toEqual([]);
  },
);

test("the README of wire names every message", () => {
  const named = namesIn("wire");
  expect(Object.keys(wire.messageCodecs).filter((command) => !named.has(command))).toEqual([]);
});
