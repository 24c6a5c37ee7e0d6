import { bytesToHex, regtest } from "@chain/core";
import { fromWif } from "@chain/wallet";
import { seedOfMnemonic } from "@chain/wallet/accounts";
import { parseDescriptor } from "@chain/wallet/descriptors";
import { HDKey } from "@scure/bip32";
import * as btc from "@scure/btc-signer";
import { expect, test } from "vitest";
import { DEFAULT_MNEMONIC, makeAccounts } from "../src/accounts.ts";

const NETWORK = { bech32: "bcrt", pubKeyHash: 0x6f, scriptHash: 0xc4, wif: 0xef };

test("accounts are those that another library derives from the same words", async () => {
  const master = HDKey.fromMasterSeed(await seedOfMnemonic(DEFAULT_MNEMONIC));
  const key = (purpose: number, n: number) => {
    const { publicKey } = master.derive(`m/${purpose}'/1'/${n}'/0/0`);
    if (publicKey === null) throw new Error("no key");
    return publicKey;
  };
  for (const account of makeAccounts(DEFAULT_MNEMONIC, 3)) {
    const { index } = account;
    expect(account.addresses).toEqual({
      legacy: btc.p2pkh(key(44, index), NETWORK).address,
      "p2sh-segwit": btc.p2sh(btc.p2wpkh(key(49, index), NETWORK), NETWORK).address,
      bech32: btc.p2wpkh(key(84, index), NETWORK).address,
      bech32m: btc.p2tr(key(86, index).slice(1), undefined, NETWORK).address,
    });
    expect(account.publicKey).toBe(bytesToHex(key(84, index)));
    expect(bytesToHex(account.scriptPubKey)).toBe(bytesToHex(account.key("bech32").scriptPubKey));
  }
});

test("private keys and descriptors are those of the addresses", () => {
  const [, account] = makeAccounts(DEFAULT_MNEMONIC, 2);
  for (const kind of ["legacy", "p2sh-segwit", "bech32", "bech32m"] as const) {
    const { wif, publicKey, address, path } = account?.key(kind) ?? {};
    const read = fromWif(wif ?? "", regtest);
    expect(read.ok && bytesToHex(read.key.publicKey)).toBe(publicKey);
    const parsed = parseDescriptor(account?.descriptors[kind].receive ?? "", regtest);
    expect(parsed.ok && parsed.descriptor.addresses(0)).toEqual({ ok: true, addresses: [address] });
    expect(path).toMatch(/^m\/\d\d'\/1'\/1'\/0\/0$/);
  }
  expect(() => account?.key("p2wsh" as "bech32")).toThrow("a type of address is one of legacy");
});

test("other words make other accounts, also in between", () => {
  const words = `${"abandon ".repeat(11)}about`;
  const [first] = makeAccounts(DEFAULT_MNEMONIC, 1);
  const [other] = makeAccounts(words, 1);
  expect(other?.address).not.toBe(first?.address);
  expect(makeAccounts(DEFAULT_MNEMONIC, 1)[0]?.address).toBe(first?.address);
});
