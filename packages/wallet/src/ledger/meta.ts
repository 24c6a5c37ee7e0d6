/** Facts of a wallet itself: its flags, its birthday, where it is in the chain. */
import { type BlockHash, type Reader, type Seconds, Writer } from "@chain/core";
import { WalletError } from "../errors.ts";
import { type Journal, recordKey } from "./records.ts";
import type { ChainPosition, LedgerParams } from "./types.ts";

/** Of the format of the records. */
const VERSION = 1;
const NO_NAME: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

const FLAGS = { disablePrivateKeys: 1, blank: 2, avoidReuse: 4 } as const;

/** A flag of a wallet. Core: WALLET_FLAG_*. */
export type WalletFlag = keyof typeof FLAGS;

export class Meta {
  readonly #journal: Journal;
  readonly #network: number;
  #flags = 0;
  #birthday: Seconds = 0;
  #keypoolSize = 0;
  #nextOrder = 0;
  #tip: ChainPosition | undefined;

  constructor(journal: Journal, params: LedgerParams) {
    this.#journal = journal;
    // The prefix of extended keys tells the main network from those for tests, which share their addresses anyway.
    this.#network = params.bip32PublicPrefix;
  }

  has(flag: WalletFlag): boolean {
    return (this.#flags & FLAGS[flag]) !== 0;
  }

  setFlag(flag: WalletFlag, on: boolean): void {
    this.#flags = on ? this.#flags | FLAGS[flag] : this.#flags & ~FLAGS[flag];
    this.#changed();
  }

  get birthday(): Seconds {
    return this.#birthday;
  }

  set birthday(birthday: Seconds) {
    this.#birthday = birthday;
    this.#changed();
  }

  get keypoolSize(): number {
    return this.#keypoolSize;
  }

  set keypoolSize(size: number) {
    this.#keypoolSize = size;
    this.#changed();
  }

  get tip(): ChainPosition | undefined {
    return this.#tip;
  }

  set tip(tip: ChainPosition | undefined) {
    this.#tip = tip;
    const key = recordKey("tip", NO_NAME);
    if (tip === undefined) this.#journal.delete(key);
    else this.#journal.put(key, () => new Writer().hash(tip.hash).i32(tip.height).finish());
  }

  /** The next place in the order of transactions. Core: IncOrderPosNext. */
  takeOrder(): number {
    this.#changed();
    return this.#nextOrder++;
  }

  load(reader: Reader): void {
    const version = reader.u32();
    if (version > VERSION) {
      const message = `the wallet was written by a newer version of this program (format ${version})`;
      throw new WalletError("newer-version", message);
    }
    if (reader.u32() !== this.#network) {
      throw new WalletError("wrong-network", "the wallet belongs to another network");
    }
    this.#flags = reader.u32();
    this.#birthday = Number(reader.u64());
    this.#keypoolSize = reader.u32();
    this.#nextOrder = Number(reader.u64());
  }

  loadTip(reader: Reader): void {
    this.#tip = { hash: reader.hash<BlockHash>(), height: reader.i32() };
  }

  #changed(): void {
    this.#journal.put(recordKey("meta", NO_NAME), () => {
      const writer = new Writer().u32(VERSION).u32(this.#network).u32(this.#flags);
      writer.u64(BigInt(this.#birthday)).u32(this.#keypoolSize).u64(BigInt(this.#nextOrder));
      return writer.finish();
    });
  }
}
