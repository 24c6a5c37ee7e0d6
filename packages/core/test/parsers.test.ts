/** The parsers of two other libraries read our bytes, and they see the same in them. */
import { bytesToHex, idToBytes } from "@chain/core";
import * as scure from "@scure/btc-signer";
import * as bitcoinjs from "bitcoinjs-lib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { block, transaction } from "./support/arbitraries.ts";

test("transactions, for bitcoinjs-lib", () => {
  fc.assert(
    fc.property(transaction, (ours) => {
      const raw = ours.toBytes();
      const theirs = bitcoinjs.Transaction.fromBuffer(raw);
      expect(Uint8Array.from(theirs.toBuffer())).toEqual(raw);
      expect(theirs.getId()).toBe(ours.txid);
      const wtxid = theirs.isCoinbase() ? new Uint8Array(32) : idToBytes(ours.wtxid);
      expect(Uint8Array.from(theirs.getHash(true))).toEqual(wtxid);
      expect(theirs.hasWitnesses()).toBe(ours.hasWitness);
      expect([theirs.weight(), theirs.virtualSize()]).toEqual([ours.weight, ours.virtualSize]);
      expect([theirs.version | 0, theirs.locktime]).toEqual([ours.version, ours.lockTime]);
      expect(theirs.outs.map(({ value }) => value)).toEqual(ours.outputs.map(({ value }) => value));
    }),
  );
});

test("transactions, for @scure/btc-signer", () => {
  const asTheyAre = {
    allowUnknownInputs: true,
    allowUnknownOutputs: true,
    allowUnknownVersion: true,
    disableScriptCheck: true,
  };
  fc.assert(
    fc.property(transaction, (ours) => {
      fc.pre(ours.outputs.every(({ value }) => value >= 0n)); // it reads them unsigned
      const theirs = scure.Transaction.fromRaw(ours.toBytes(), asTheyAre);
      expect(theirs.id).toBe(ours.txid);
      expect(theirs.hasWitnesses).toBe(ours.hasWitness);
      expect(bytesToHex(theirs.toBytes(true, true))).toBe(bytesToHex(ours.toBytes()));
    }),
  );
});

test("blocks, for bitcoinjs-lib", () => {
  fc.assert(
    fc.property(block, (ours) => {
      const raw = ours.toBytes();
      const theirs = bitcoinjs.Block.fromBuffer(raw);
      expect(theirs.getId()).toBe(ours.hash);
      expect(theirs.transactions?.map((tx) => tx.getId())).toEqual(
        ours.transactions.map(({ txid }) => txid),
      );
      expect(Uint8Array.from(theirs.toBuffer())).toEqual(raw);
    }),
  );
});
