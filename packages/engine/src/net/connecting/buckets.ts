import { present } from "@chain/core/arguments";
/** One table of the address book: buckets of places, each empty or with the name of an address. */
export class Buckets {
  readonly #bucketSize: number;
  readonly #buckets = new Map<number, Map<number, string>>();
  #size = 0;

  /** @param bucketSize places in a bucket: place 0 of the second bucket is number `bucketSize` */
  constructor(bucketSize: number) {
    this.#bucketSize = bucketSize;
  }

  /** Places that are taken. */
  get size(): number {
    return this.#size;
  }

  get(place: number): string | undefined {
    return this.#buckets.get(this.#bucketOf(place))?.get(place);
  }

  has(place: number): boolean {
    return this.get(place) !== undefined;
  }

  set(place: number, name: string): void {
    if (!this.has(place)) this.#size++;
    const number = this.#bucketOf(place);
    const bucket = this.#buckets.get(number);
    if (bucket === undefined) this.#buckets.set(number, new Map([[place, name]]));
    else bucket.set(place, name);
  }

  delete(place: number): void {
    const number = this.#bucketOf(place);
    const bucket = this.#buckets.get(number);
    if (bucket?.delete(place) !== true) return;
    this.#size--;
    if (bucket.size === 0) this.#buckets.delete(number);
  }

  /**
   * Draws names, each time first a bucket and then a place in it, so that a source that fills a bucket with its own
   * addresses is drawn no more often than one with a single address there. Core: AddrManImpl::Select_.
   * @param below a random number from 0 to one less than its argument
   */
  *draws(below: (count: number) => number): Generator<string, undefined> {
    const buckets = [...this.#buckets.values()];
    while (buckets.length > 0) {
      const names = [
        ...present(buckets[below(buckets.length)], "buckets[below(buckets.length)]").values(),
      ];
      yield present(names[below(names.length)], "names[below(names.length)]");
    }
    return undefined;
  }

  #bucketOf(place: number): number {
    return Math.floor(place / this.#bucketSize);
  }
}
