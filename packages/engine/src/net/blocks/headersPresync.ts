import {
  type BlockHash,
  type BlockHeader,
  type ChainParams,
  HEADER_SIZE,
  type HeaderNode,
  isPermittedTransition,
  sha256,
  workOfBits,
} from "@chain/core";
import { MAX_HEADERS } from "@chain/wire";

/** Headers that one peer may show before they must amount to something; a byte of each is kept. */
const MAX_SHOWN = 4_000_000;
/** So many headers behind one must match too before it is kept: 128 bits that no peer can guess. */
const MARGIN = 16;

/** The next step after a message of a presync. */
export interface PresyncStep {
  /**
   * `more`: ask on from `next`; `done`: the headers are worth keeping, this is over; `failed`: the peer has no more,
   * something else than it showed first, or targets that no chain can have.
   */
  readonly state: "more" | "done" | "failed";
  /** To be checked and kept now. */
  readonly accept: readonly BlockHeader[];
}

/**
 * Looks at a branch that has too little work so far, without keeping it: headers are cheap where the difficulty is low,
 * and an attacker that makes millions must not fill our memory and disk. First the peer shows the branch, and we keep
 * one byte of a salted hash of each header. If in the end the branch has enough work, the peer sends all of it again,
 * and what matches those bytes is kept. Core: HeadersSyncState.
 */
export class HeadersPresync {
  readonly #start: HeaderNode;
  readonly #goal: bigint;
  readonly #params: ChainParams;
  readonly #salt: Uint8Array;
  #marks: Uint8Array = new Uint8Array(MAX_HEADERS);
  #count = 0;
  #work: bigint;
  #last: BlockHash;
  /** Target of the last header that was shown. */
  #bits: number;
  /** How many have come for the second time; `undefined`: none yet. */
  #again: number | undefined;
  #buffer: BlockHeader[] = [];

  /**
   * @param start the known header below the branch
   * @param goal chain work that makes a branch worth keeping
   * @param salt 32 random bytes
   */
  constructor(start: HeaderNode, goal: bigint, params: ChainParams, salt: Uint8Array) {
    this.#start = start;
    this.#goal = goal;
    this.#params = params;
    this.#salt = salt;
    this.#work = start.chainWork;
    this.#last = start.hash;
    this.#bits = start.bits;
  }

  /** Of the last header that was shown. */
  get height(): number {
    return this.#start.height + this.#count;
  }

  /** The next headers are to follow this one. */
  get next(): BlockHash {
    return this.#last;
  }

  /** @param headers each the parent of the next, the first on top of `next`, their proofs of work checked */
  take(headers: readonly BlockHeader[]): PresyncStep {
    const step = this.#again === undefined ? this.#look(headers) : this.#compare(headers);
    const isEnd = headers.length < MAX_HEADERS && this.#last !== this.#start.hash;
    return step.state === "more" && isEnd ? { ...step, state: "failed" } : step;
  }

  #look(headers: readonly BlockHeader[]): PresyncStep {
    for (const header of headers) {
      const { bits } = header;
      const mayFollow = isPermittedTransition(this.height + 1, this.#bits, bits, this.#params);
      if (this.#count >= MAX_SHOWN || !mayFollow) return { state: "failed", accept: [] };
      this.#mark(this.#count++, this.#byteOf(header));
      this.#work += workOfBits(bits);
      this.#bits = bits;
      this.#last = header.hash;
      if (this.#work < this.#goal) continue;
      this.#again = 0;
      this.#last = this.#start.hash;
      break;
    }
    return { state: "more", accept: [] };
  }

  #compare(headers: readonly BlockHeader[]): PresyncStep {
    let again = this.#again ?? 0;
    for (const header of headers) {
      // Behind what was shown, anything may follow: it stands on enough work.
      if (again < this.#count && this.#byteOf(header) !== this.#marks[again]) {
        return { state: "failed", accept: [] };
      }
      again++;
      this.#buffer.push(header);
      this.#last = header.hash;
    }
    this.#again = again;
    const isDone = again >= this.#count;
    const keep = isDone ? 0 : Math.min(MARGIN, this.#buffer.length);
    const accept = this.#buffer.splice(0, this.#buffer.length - keep);
    return { state: isDone ? "done" : "more", accept };
  }

  #byteOf(header: BlockHeader): number {
    const bytes = new Uint8Array(this.#salt.length + HEADER_SIZE);
    bytes.set(this.#salt);
    bytes.set(header.toBytes(), this.#salt.length);
    return sha256(bytes)[0] as number;
  }

  #mark(index: number, byte: number): void {
    if (index >= this.#marks.length) {
      const grown = new Uint8Array(2 * this.#marks.length);
      grown.set(this.#marks);
      this.#marks = grown;
    }
    this.#marks[index] = byte;
  }
}
