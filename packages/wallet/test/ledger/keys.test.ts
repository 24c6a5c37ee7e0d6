import { bytesToHex, mainnet, p2wpkhScript, regtest, Transaction, type Txid } from "@chain/core";
import { describe, expect, test } from "vitest";
import { ACCOUNT_KINDS } from "../../src/accounts.ts";
import type { Descriptor } from "../../src/descriptor/descriptor.ts";
import { parseDescriptor } from "../../src/descriptors.ts";
import { WalletLedger } from "../../src/ledger/ledger.ts";
import { signRawTransaction } from "../../src/psbt.ts";
import { Host, master, NOW } from "./support.ts";

function parse(text: string): Descriptor {
  const parsed = parseDescriptor(text, regtest);
  if (!parsed.ok) expect.unreachable(parsed.reason);
  return parsed.descriptor;
}

function given(ledger: WalletLedger, ...args: Parameters<WalletLedger["newAddress"]>) {
  const result = ledger.newAddress(...args);
  if (!result.ok) expect.unreachable(result.reason);
  return result;
}

const account = "wpkh([e2867bb6/84h/1h/0h]";

describe("a new wallet", () => {
  test("has the eight descriptors of Core, each derived from the text that it shows", () => {
    const ledger = new Host().create({ master });
    expect(
      ledger.descriptors().map(({ text }) => text.replace(/tpub\w+/, "…").split("#")[0]),
    ).toEqual([
      "pkh([e2867bb6/44h/1h/0h]…/0/*)",
      "pkh([e2867bb6/44h/1h/0h]…/1/*)",
      "sh(wpkh([e2867bb6/49h/1h/0h]…/0/*))",
      "sh(wpkh([e2867bb6/49h/1h/0h]…/1/*))",
      `${account}…/0/*)`,
      `${account}…/1/*)`,
      "tr([e2867bb6/86h/1h/0h]…/0/*)",
      "tr([e2867bb6/86h/1h/0h]…/1/*)",
    ]);
    for (const { id, text, descriptor } of ledger.descriptors()) {
      const own = parse(ledger.privateText(id) ?? "");
      for (const index of [0, 7]) {
        expect(parse(text).expand(index)?.scripts).toEqual(own.expand(index)?.scripts);
      }
      expect(descriptor.toString()).toBe(own.toString());
      expect(own.extendedKeys().map((key) => key.toPrivateString())).toEqual([
        master.toPrivateString(),
      ]);
    }
  });

  test("gives addresses that it knows, with labels; change has none", () => {
    const ledger = new Host().create({ master });
    for (const kind of ["legacy", "p2sh-segwit", "bech32", "bech32m"] as const) {
      for (const internal of [false, true]) {
        const [first, second] = [0, 1].map(() => given(ledger, kind, { internal, label: "x" }));
        expect([first?.index, second?.index]).toEqual([0, 1]);
        const owner = ledger.ownerOf(first?.script ?? new Uint8Array());
        expect(owner).toMatchObject({ index: 0, isInternal: internal });
        expect(owner?.descriptor).toBe(ledger.activeDescriptor(kind, internal));
        expect(ledger.addressEntry(first?.script ?? new Uint8Array())?.label).toBe(
          internal ? undefined : "x",
        );
      }
    }
    expect(ledger.ownerOf(p2wpkhScript(new Uint8Array(20)))).toBeUndefined();
  });

  test("has Core's range, and derives scripts only as they are asked for", () => {
    const ledger = new Host().create({ keypoolSize: 1000 });
    expect(ledger.missingScripts).toBe(8000);
    given(ledger, "bech32");
    const [held] = ledger.descriptors().filter(({ text }) => text.startsWith("wpkh"));
    expect(held).toMatchObject({ range: { start: 0, end: 1000 }, next: 1 });
    given(ledger, "bech32");
    expect(held).toMatchObject({ range: { start: 0, end: 1001 }, next: 2 });
    expect(ledger.deriveScripts(3)).toBe(8001 - 2 - 3);
  });

  test("takes an address back where it was the last one", () => {
    const ledger = new Host().create();
    const [a, b] = [0, 1].map(() => given(ledger, "bech32", { internal: true }).script) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(ledger.returnAddress(a)).toBe(false);
    expect(ledger.returnAddress(b)).toBe(true);
    expect(given(ledger, "bech32", { internal: true }).script).toEqual(b);
  });
});

describe("records", () => {
  test("bring everything back, in any order", () => {
    const host = new Host();
    const ledger = host.create({ master, avoidReuse: true, birthday: 5 });
    const { script } = given(ledger, "bech32", { label: "Zürich" });
    ledger.setLabel(p2wpkhScript(new Uint8Array(20)), "Bob", "send");
    ledger.deriveScripts(1000);
    host.write(ledger);
    for (const records of [[...host.stored()], [...host.stored()].reverse()]) {
      const again = WalletLedger.load(records, host.host);
      expect(
        again
          .descriptors()
          .map(({ text }) => text)
          .sort(),
      ).toEqual(
        ledger
          .descriptors()
          .map(({ text }) => text)
          .sort(),
      );
      expect(again.ownerOf(script)).toMatchObject({ index: 0, isInternal: false });
      expect([...again.scripts()].map(bytesToHex).sort()).toEqual(
        [...ledger.scripts()].map(bytesToHex).sort(),
      );
      expect(again.addressEntries()).toHaveLength(2);
      expect(again.addressEntry(script)).toMatchObject({ label: "Zürich", purpose: "receive" });
      expect(again.birthday).toBe(5);
      expect(again.hasFlag("avoidReuse")).toBe(true);
      expect(again.missingScripts).toBe(0);
      expect(again.hasChanges).toBe(false);
      expect(given(again, "bech32").index).toBe(1);
    }
  });

  test("that are damaged are named, whatever byte it is", () => {
    const host = new Host();
    const ledger = host.create({ master, keypoolSize: 2 });
    given(ledger, "bech32", { label: "a" });
    host.write(ledger);
    const records = [...host.stored()];
    for (const [i, { key, value }] of records.entries()) {
      for (const at of [0, value.length >> 1, value.length - 1]) {
        const spoilt = value.slice();
        spoilt[at] = (spoilt[at] as number) ^ 0x10;
        const all = records.with(i, { key, value: spoilt });
        expect(() => WalletLedger.load(all, host.host)).toThrow(
          expect.objectContaining({
            code: "corrupt",
            message: expect.stringContaining("checksum"),
          }),
        );
      }
      const short = records.with(i, { key, value: value.slice(0, 3) });
      expect(() => WalletLedger.load(short, host.host)).toThrow("checksum is wrong");
    }
    const swapped = records.map(({ key }, i) => ({ key, value: records.at(i - 1)?.value ?? key }));
    expect(() => WalletLedger.load(swapped, host.host)).toThrow("checksum is wrong");
    expect(() => WalletLedger.load([], host.host)).toThrow("this is no wallet");
    const strange = { key: Uint8Array.of(0xff, 1), value: new Uint8Array(9) };
    expect(() => WalletLedger.load([strange], host.host)).toThrow("unknown kind");
  });

  test("of another network are refused", () => {
    const host = new Host();
    host.write(host.create({ master }));
    const load = () => WalletLedger.load(host.stored(), { ...host.host, params: mainnet });
    expect(load).toThrow(expect.objectContaining({ code: "wrong-network" }));
  });
});

describe("descriptors that are added", () => {
  const text = "wpkh([e2867bb6/84h/1h/0h]";
  const xpub = () => {
    const key = new Host().create({ master }).activeDescriptor("bech32")?.text ?? "";
    return key.slice(0, key.indexOf("#"));
  };

  test("extend their range, and never lose scripts", () => {
    const ledger = new Host().create({ blank: true, disablePrivateKeys: true });
    const held = ledger.addDescriptor(parse(xpub()), { timestamp: 9, range: { start: 5, end: 8 } });
    expect(held).toMatchObject({ range: { start: 5, end: 8 }, next: 5, active: undefined });
    expect(held.text.startsWith(text)).toBe(true);
    const [fifth] = held.descriptor.expand(5)?.scripts ?? [];
    expect(ledger.ownerOf(fifth as Uint8Array)?.index).toBe(5);
    const again = (start: number, end: number) =>
      ledger.addDescriptor(parse(xpub()), { timestamp: 9, range: { start, end } });
    expect(() => again(6, 9)).toThrow("new range must include current range = [5,7]");
    expect(again(0, 20)).toBe(held);
    expect([...ledger.scripts()]).toHaveLength(20);
    expect(ledger.ownerOf(fifth as Uint8Array)?.index).toBe(5);
    const [twentieth] = held.descriptor.expand(20)?.scripts ?? [];
    expect(ledger.ownerOf(twentieth as Uint8Array)).toBeUndefined();
  });

  test("replace the active one of their kind", () => {
    const ledger = new Host().create();
    const before = ledger.activeDescriptor("bech32");
    const added = ledger.addDescriptor(parse(xpub()), { active: true, timestamp: 1, next: 2 });
    expect(ledger.activeDescriptor("bech32")).toBe(added);
    expect(before?.active).toBeUndefined();
    expect(given(ledger, "bech32").index).toBe(2);
    expect(() => ledger.addDescriptor(parse("raw(51)"), { active: true, timestamp: 1 })).toThrow(
      expect.objectContaining({ code: "not-activatable" }),
    );
  });

  test("are inactive after an import that says so, where it means the same addresses", () => {
    const ledger = new Host().create({ blank: true });
    const add = (active: boolean, internal: boolean) =>
      ledger.addDescriptor(parse(xpub()), {
        ...{ active, internal, timestamp: 1, range: { start: 0, end: 3 } },
      });
    add(true, true);
    expect(add(false, false).active).toEqual({ kind: "bech32", internal: true });
    expect(add(false, true).active).toBeUndefined();
  });

  test("are known to others once keys or texts are given away", () => {
    const ledger = new Host().create();
    expect([ledger.missingScripts, ledger.missingKnownScripts]).toEqual([24, 0]);
    const [first, second] = ledger.descriptors();
    expect(first?.text).toContain("/*");
    expect(ledger.missingKnownScripts).toBe(3);
    expect(ledger.privateText(second?.id ?? "")).toContain("/*");
    expect(ledger.missingKnownScripts).toBe(6);
    ledger.shareKeys();
    expect(ledger.missingKnownScripts).toBe(24);
  });

  test("without range take a label for each of their addresses", () => {
    const ledger = new Host().create({ blank: true });
    const key = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const held = ledger.addDescriptor(parse(`combo(${key})`), { timestamp: 1, label: "old" });
    expect(held.range).toEqual({ start: 0, end: 1 });
    // One of the four scripts has no address.
    expect(ledger.addressEntries().map(({ label }) => label)).toEqual(Array(3).fill("old"));
    for (const text of [`pk(${key})`, `multi(1,${key})`, "raw(51)"]) {
      ledger.addDescriptor(parse(text), { timestamp: 1 });
    }
    expect(ledger.addressEntries()).toHaveLength(3);
    const [, , segwit] = held.descriptor.expand(0)?.scripts ?? [];
    expect(
      bytesToHex(ledger.provider([segwit as Uint8Array], false).publicKeys[0] as Uint8Array),
    ).toBe(key);
  });

  test("whose hardened range needs private keys have them, or are refused", async () => {
    const host = new Host();
    const ledger = host.create({ blank: true });
    await ledger.encrypt("secret");
    await ledger.unlock("secret", NOW + 60);
    const hardened = `wpkh(${master.toPrivateString()}/0/*h)`;
    const added = ledger.addDescriptor(parse(hardened), { active: true, timestamp: 1 });
    expect(added.range.end).toBe(3);
    expect(ledger.missingScripts).toBe(0);
    const [script] = parse(hardened).expand(0)?.scripts ?? [];
    expect(given(ledger, "bech32").script).toEqual(script);
    ledger.lock();
    const again = host.reload(ledger);
    expect([given(again, "bech32").index, given(again, "bech32").index]).toEqual([1, 2]);
    expect(again.newAddress("bech32")).toEqual({
      ...{ ok: false, code: "keypool-empty" },
      reason: "Error: Keypool ran out, please call keypoolrefill first",
    });
    expect(again.topUp()).toBe(false);
    await again.unlock("secret", NOW + 60);
    expect(again.topUp()).toBe(true);
    expect(given(again, "bech32").index).toBe(3);
    const watching = new Host().create({ blank: true, disablePrivateKeys: true });
    const open = parse(`wpkh(${master.toPublicString()}/0/*h)`);
    expect(() => watching.addDescriptor(open, { timestamp: 1 })).toThrow(
      expect.objectContaining({ code: "needs-private-keys" }),
    );
    expect(() => watching.addDescriptor(parse(hardened), { timestamp: 1 })).toThrow(
      expect.objectContaining({ code: "private-keys-disabled" }),
    );
  });
});

describe("the provider", () => {
  test("signs for coins of every kind of address, also after a restart with a passphrase", async () => {
    const host = new Host();
    const ledger = host.create({ master });
    const scripts = ACCOUNT_KINDS.map((kind) => given(ledger, kind).script);
    const coins = scripts.map((scriptPubKey) => ({ value: 1000n, scriptPubKey }));
    const unsigned = new Transaction({
      ...{
        version: 2,
        lockTime: 0,
        outputs: [{ value: 3000n, scriptPubKey: p2wpkhScript(new Uint8Array(20)) }],
      },
      inputs: coins.map((_, vout) => ({
        ...{ prevout: { txid: "11".repeat(32) as Txid, vout }, sequence: 0xfffffffd },
        ...{ scriptSig: new Uint8Array(0), witness: [] },
      })),
    });
    const sign = (by: WalletLedger, withKeys: boolean) =>
      signRawTransaction(unsigned, coins, by.provider(scripts, withKeys));
    const signed = sign(ledger, true);
    expect(signed.errors).toEqual([]);
    expect(sign(ledger, false).errors).toHaveLength(4);
    await ledger.encrypt("secret");
    const again = host.reload(ledger);
    await again.unlock("secret", NOW + 60);
    expect(sign(again, true).transaction.toBytes()).toEqual(signed.transaction.toBytes());
  });
});

describe("a passphrase", () => {
  test("seals every secret, and the wallet goes on with new keys", async () => {
    const host = new Host();
    const ledger = host.create({ master });
    const { script } = given(ledger, "bech32");
    const old = ledger.activeDescriptor("bech32");
    await ledger.encrypt("secret");
    host.write(ledger);
    const secret = new TextEncoder().encode(master.toPrivateString());
    for (const value of host.records.values()) {
      expect(bytesToHex(value)).not.toContain(bytesToHex(secret));
    }
    for (const each of [ledger, WalletLedger.load(host.stored(), host.host)]) {
      expect(each.isEncrypted && each.isLocked).toBe(true);
      expect(each.descriptors()).toHaveLength(16);
      expect(each.activeDescriptor("bech32")?.id).not.toBe(old?.id);
      expect(each.ownerOf(script)?.descriptor.id).toBe(old?.id);
      expect(() => each.privateText(old?.id ?? "")).toThrow("the wallet is locked");
      expect(() => each.provider([script], true)).toThrow("the wallet is locked");
      expect(each.provider([script], false).hasPrivateKeys).toBe(false);
      expect(given(each, "bech32").ok).toBe(true);
      await expect(each.unlock("wrong", NOW + 9)).rejects.toThrow(
        expect.objectContaining({ code: "wrong-passphrase" }),
      );
      await each.unlock("secret", NOW + 9);
      expect(each.unlockedUntil).toBe(NOW + 9);
      expect(each.provider([script], true).hasPrivateKeys).toBe(true);
      expect(each.privateText(old?.id ?? "")).toContain(master.toPrivateString());
      host.time = NOW + 9;
      expect(each.isLocked).toBe(true);
      expect(each.unlockedUntil).toBe(0);
      expect(() => each.provider([script], true)).toThrow("the wallet is locked");
      host.time = NOW;
      expect(each.isLocked).toBe(true);
    }
    await expect(ledger.encrypt("again")).rejects.toThrow("encrypted already");
  });

  test("can be changed; the old one then opens nothing", async () => {
    const host = new Host();
    const ledger = host.create({ master });
    await expect(ledger.unlock("a", NOW + 9)).rejects.toThrow("no passphrase");
    await ledger.encrypt("old");
    await expect(ledger.changePassphrase("wrong", "new")).rejects.toThrow("wrong passphrase");
    await ledger.changePassphrase("old", "new");
    const again = host.reload(ledger);
    await expect(again.unlock("old", NOW + 9)).rejects.toThrow("wrong passphrase");
    await again.unlock("new", NOW + 9);
    const [held] = again.descriptors();
    expect(again.privateText(held?.id ?? "")).toMatch(/tprv/);
  });
});
