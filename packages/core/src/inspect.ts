/** How `console.log` shows transactions and blocks in Node, and in what follows it. */

/** Node's own function, which it hands in, so that colours and line lengths are as everywhere. */
type Inspect = (value: unknown, options?: unknown) => string;

/** A class of ours that is shown by its name and what it is in JSON. */
interface Showable {
  toJSON(): object;
}

/**
 * The base of what is shown like this. It is made by a function, because a bundler keeps any class with a method whose
 * name is a symbol, used or not.
 */
export const Shown: new () => object = /* @__PURE__ */ makeShown();

function makeShown(): new () => object {
  class Base {}
  Object.defineProperty(Base.prototype, Symbol.for("nodejs.util.inspect.custom"), {
    value(this: Showable, _depth?: number, options?: unknown, inspect?: Inspect): string {
      const [name, fields] = shownAs(this);
      // All of it: an object in an object in an object would be `[Object]`.
      const all = { ...(options as object), depth: null };
      return `${name} ${inspect === undefined ? JSON.stringify(fields) : inspect(fields, all)}`;
    },
  });
  return Base;
}

/** By what it has: the classes themselves are built on this. */
function shownAs(value: Showable): readonly [name: string, fields: object] {
  if ("inputs" in value) return ["Transaction", value.toJSON()];
  if (!("transactions" in value)) return ["BlockHeader", value.toJSON()];
  // A block may have thousands of transactions: their ids tell which.
  const { transactions, header } = value as unknown as {
    readonly transactions: readonly { readonly txid: string }[];
    readonly header: Showable;
  };
  return ["Block", { ...header.toJSON(), transactions: transactions.map(({ txid }) => txid) }];
}
