/** A host for ledgers in tests: a store in memory, a clock that stands still. */
import { bytesToHex, hexToBytes, regtest } from "@chain/core";
import { ExtendedKey } from "../../src/extendedKey.ts";
import { WalletLedger } from "../../src/ledger/ledger.ts";
import type { CreateLedgerOptions, LedgerHost, WalletRecord } from "../../src/ledger/types.ts";

export const NOW = 1_700_000_000;
export const master: ExtendedKey = ExtendedKey.fromSeed(new Uint8Array(32).fill(7), regtest);

export class Host {
  readonly records: Map<string, Uint8Array> = new Map();
  time: number = NOW;
  readonly #maturity: number;
  #counter = 0;

  constructor(maturity = 100) {
    this.#maturity = maturity;
  }

  get host(): LedgerHost {
    return {
      params: { ...regtest, coinbaseMaturity: this.#maturity },
      now: () => this.time,
      randomBytes: (length) => new Uint8Array(length).fill(++this.#counter),
      scryptCost: { n: 2, r: 8, p: 1 },
    };
  }

  create(options: Partial<CreateLedgerOptions> = {}): WalletLedger {
    return WalletLedger.create({ ...this.host, keypoolSize: 3, ...options });
  }

  write(ledger: WalletLedger): void {
    for (const { key, value } of ledger.takeChanges()) {
      if (value === undefined) this.records.delete(bytesToHex(key));
      else this.records.set(bytesToHex(key), value);
    }
  }

  *stored(): Iterable<WalletRecord> {
    for (const [key, value] of this.records) yield { key: hexToBytes(key), value };
  }

  /** The wallet after a restart. */
  reload(ledger: WalletLedger): WalletLedger {
    this.write(ledger);
    return WalletLedger.load(this.stored(), this.host);
  }
}
