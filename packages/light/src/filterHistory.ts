import { type BlockHash, type FilterHash, type FilterHeader, filterHeader } from "@chain/core";

/** Filter headers of one block that are remembered: peers that differ in what no block can decide. */
const MAX_HEADERS = 8;
/** Blocks back to which a reorganisation finds the headers again. */
const DEPTH = 144;

/**
 * The filter headers of the last block that was searched. There is one where all peers have always agreed, and several
 * after a dispute that its block could not decide.
 */
export class FilterHistory {
  #headers: readonly FilterHeader[];
  readonly #recent = new Map<
    number,
    { readonly hash: BlockHash; readonly headers: readonly FilterHeader[] }
  >();

  constructor(headers: readonly FilterHeader[] = []) {
    this.#headers = headers;
  }

  get headers(): readonly FilterHeader[] {
    return this.#headers;
  }

  has(header: FilterHeader): boolean {
    return this.#headers.includes(header);
  }

  /** Takes what peers say where nothing is known. */
  begin(headers: Iterable<FilterHeader>): void {
    this.#headers = [...new Set(headers)].slice(0, MAX_HEADERS);
  }

  /** Goes on to the next block. @param hashes of its filter, as peers have it; more than one are in dispute */
  advance(height: number, hash: BlockHash, hashes: readonly FilterHash[]): void {
    const headers = hashes.flatMap((each) => this.#headers.map((from) => filterHeader(each, from)));
    this.begin(headers);
    this.#recent.set(height, { hash, headers: this.#headers });
    this.#recent.delete(height - DEPTH);
  }

  /** Goes back to a block; what is not remembered of it is asked again. */
  rewind(height: number, hash: BlockHash | undefined): void {
    const known = this.#recent.get(height);
    this.#headers = known !== undefined && known.hash === hash ? known.headers : [];
    for (const each of [...this.#recent.keys()]) if (each > height) this.#recent.delete(each);
  }
}
