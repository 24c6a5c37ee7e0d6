/** Accounts of a mnemonic in Bitcoin Core: it imports their descriptors, derives the same addresses, and owns their coins. */
import { COIN, regtest } from "@chain/core";
import { ACCOUNT_KINDS, accountDescriptors, seedOfMnemonic } from "@chain/wallet/accounts";
import { ExtendedKey } from "@chain/wallet/descriptors";
import { describe, expect, test } from "vitest";
import { CoreNode, versionOf } from "./support/coreNode.ts";

const daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);
const MNEMONIC = `${"abandon ".repeat(11)}about`;

describe.skipIf(version === undefined)(`bitcoind ${version ?? "(missing)"}`, () => {
  test.each(ACCOUNT_KINDS)("takes a %s account with its keys, and spends from it", async (kind) => {
    const node = await CoreNode.start(daemon, "-fallbackfee=0.0001");
    await node.call("createwallet", "account", false, true);
    const master = ExtendedKey.fromSeed(await seedOfMnemonic(MNEMONIC, kind), regtest);
    const { receive, change } = accountDescriptors(master, { kind, account: 3, params: regtest });
    for (const each of [receive, change]) {
      const derived = each.addresses(17);
      expect(await node.call("deriveaddresses", each.toString(), [17, 17])).toEqual(
        derived.ok && derived.addresses,
      );
    }
    const imported = await node.call(
      "importdescriptors",
      [receive, change].map((each, i) => ({
        desc: each.toPrivateString(),
        active: true,
        internal: i === 1,
        timestamp: "now",
        range: [0, 20],
      })),
    );
    expect(imported).toEqual([{ success: true }, { success: true }]);
    const [first, next] = [0, 1].map((index) => {
      const derived = receive.addresses(index);
      return derived.ok ? derived.addresses[0] : undefined;
    });
    expect(await node.call("getnewaddress", "", kind)).toBe(first);
    await node.mine(101, String(first));
    expect(await node.call("getbalance")).toBe(50);
    await node.call("sendtoaddress", String(next), 1);
    const [unspent] = await node.call<{ scriptPubKey: string; amount: number }[]>("listunspent", 0);
    const own = change.expand(0)?.scripts.map((script) => Buffer.from(script).toString("hex"));
    const paid = receive.expand(1)?.scripts.map((script) => Buffer.from(script).toString("hex"));
    expect([...(own ?? []), ...(paid ?? [])]).toContain(unspent?.scriptPubKey);
    expect(BigInt(Math.round((unspent?.amount ?? 0) * 1e8))).toBeLessThan(50n * COIN);
  });
});
