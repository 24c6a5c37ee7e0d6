/** Calls that are made from the schemas of methods, and wrong ones, by a seed. */
import { type Argument, type Json, METHODS, type Method } from "@chain/rpc";
import type { Rng } from "@chain/testing/random";

/** These end the node, wait for what does not come, mine for long, or call a peer or write a file where they are told. */
const LEFT_OUT =
  /^(stop|waitfor\w+|addnode|addconnection|generate\w+|dumptxoutset|loadtxoutset|getblocktemplate)$/;

export const ASKED: readonly Method[] = METHODS.filter(({ name }) => !LEFT_OUT.test(name));

/** Makes arguments, good ones and bad ones. */
export class Questions {
  readonly #random: Rng;
  readonly #texts: readonly string[];

  /** @param texts hashes, addresses and the like that the node knows */
  constructor(random: Rng, texts: readonly string[]) {
    this.#random = random;
    this.#texts = texts;
  }

  /** A request of JSON-RPC; one in six is none. */
  request(): Json {
    const method = this.#random.pick(ASKED);
    const params = this.#params(method);
    const id = this.#random.pick<Json>([1, "x", null, [1], { a: 1 }, -1.5, true]);
    const good = { method: method.name, params, id };
    return this.#random.pick<() => Json>([
      () => ({ jsonrpc: "2.0", ...good }),
      () => good,
      () => ({ jsonrpc: "1.0", ...good }),
      () => ({ jsonrpc: "2.0", method: method.name, params }),
      () => ({ ...good, params: this.#named(method) }),
      () =>
        this.#random.pick<Json>([
          1,
          null,
          [],
          {},
          { ...good, method: 1 },
          { ...good, params: "x" },
        ]),
    ])();
  }

  #params(method: Method): readonly Json[] {
    const count = this.#random.below(method.arguments.length + 2);
    return Array.from({ length: count }, (_, at) => this.#value(method.arguments[at]));
  }

  #named({ arguments: all }: Method): Json {
    const chosen = all.filter(() => this.#random.below(2) === 0);
    const named = Object.fromEntries(chosen.map((each) => [each.name, this.#value(each)]));
    return this.#random.below(8) === 0 ? { ...named, args: [1], nobody: 1 } : named;
  }

  /** In four of five cases one of the type that is asked for. */
  #value(argument: Argument | undefined, depth = 0): Json {
    if (argument === undefined || depth > 3 || this.#random.below(5) === 0) return this.#any();
    const inner = argument.inner;
    switch (argument.kind) {
      case "string":
      case "hex":
        return this.#random.pick(this.#texts);
      case "boolean":
        return this.#random.below(2) === 0;
      case "number":
      case "amount":
        return this.#number();
      case "range":
        return [this.#random.below(3), this.#random.below(5)];
      case "array":
        return Array.from({ length: this.#random.below(4) }, () =>
          this.#value(inner.length > 0 ? this.#random.pick(inner) : undefined, depth + 1),
        );
      case "object":
      case "dictionary":
      case "options":
        return Object.fromEntries(
          inner
            .filter(() => this.#random.below(3) > 0)
            .map((each) => [each.name, this.#value(each, depth + 1)]),
        );
    }
  }

  #number(): number {
    const odd = [-1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 63), 1e-9, 1.5, 1e300];
    return this.#random.pick([0, 1, 2, 3, this.#random.below(200), ...odd]);
  }

  #any(): Json {
    const text = this.#random.pick(this.#texts);
    const values: Json[] = [null, true, this.#number(), "", text, [], {}, [text], { [text]: 1 }];
    return this.#random.pick(values);
  }
}
