/** Miniscript made at random: expressions that fit together by their basic types, sane or not, with keys of regtest. */
import { bytesToHex, regtest, ripemd160, sha256 } from "@chain/core";
import { PrivateKey, toWif } from "@chain/wallet";
import fc from "fast-check";

/** Their private keys are known. */
const KEYS: readonly PrivateKey[] = Array.from(
  { length: 40 },
  (_, n) => new PrivateKey(sha256(Uint8Array.of(n, 123))),
);
/** The preimages of the hashes below. */
export const PREIMAGES: readonly Uint8Array[] = [1, 2].map((n) => new Uint8Array(32).fill(n));

const lock = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.constantFrom(0x400001, 0x400010, 500_000_001, 65_535, 0x7fff_ffff),
);
const digest32 = fc.constantFrom(...PREIMAGES).map((preimage) => bytesToHex(sha256(preimage)));
const digest20 = fc
  .constantFrom(...PREIMAGES)
  .map((preimage) => bytesToHex(ripemd160(sha256(preimage))));

/** `#` stands for a key. */
const shapes = (multi: string) =>
  fc.letrec<{ b: string; v: string; w: string; k: string }>((tie) => {
    const [b, v, w, k] = [tie("b"), tie("v"), tie("w"), tie("k")];
    const call = (name: string, ...parts: fc.Arbitrary<unknown>[]) =>
      fc.tuple(...parts).map((texts) => `${name}(${texts.join(",")})`);
    /** The colon stands behind the first letter alone. */
    const wrap = (letter: string, inner: fc.Arbitrary<string>) =>
      inner.map((text) => letter + (/^[a-z]+:/.test(text) ? "" : ":") + text);
    const leaf = fc.oneof(
      fc.constantFrom("pk(#)", "pkh(#)", "pk(#)"),
      call("older", lock),
      call("after", lock),
      call("sha256", digest32),
      call("hash160", digest20),
      fc.constantFrom(`${multi}(1,#,#)`, `${multi}(2,#,#,#)`),
    );
    return {
      b: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        call("and_v", v, b),
        call("and_b", b, w),
        call("or_b", b, w),
        call("or_d", b, b),
        call("or_i", b, b),
        call("andor", b, b, b),
        call("and_n", b, b),
        call("thresh", fc.integer({ min: 1, max: 3 }), b, w, w),
        wrap("c", k),
        wrap("j", b),
        wrap("n", b),
        wrap("t", v),
        wrap("l", b),
        wrap("u", b),
        wrap("d", wrap("v", call("older", lock))),
      ),
      v: fc.oneof(
        { maxDepth: 4 },
        wrap("v", leaf),
        wrap("v", b),
        call("or_c", b, v),
        call("and_v", v, v),
      ),
      w: fc.oneof({ maxDepth: 4 }, wrap("s", leaf), wrap("a", b), wrap("s", b)),
      k: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("pk_k(#)", "pk_h(#)"),
        call("and_v", v, k),
        call("or_i", k, k),
      ),
    };
  }).b;

/** Puts keys in; most often different ones. */
function withKeys(shape: string, start: number, repeat: boolean, secret: boolean): string {
  let next = start;
  return shape.replace(/#/g, () => {
    const key = KEYS[(repeat && next === start + 1 ? start : next) % KEYS.length] as PrivateKey;
    next++;
    return secret ? toWif(key, regtest) : bytesToHex(key.publicKey);
  });
}

const filled = (multi: string, secret: boolean) =>
  fc
    .tuple(shapes(multi), fc.nat({ max: 39 }), fc.integer({ min: 0, max: 9 }))
    .map(([shape, start, chance]) => withKeys(shape, start, chance === 0, secret));

/** For `wsh()`. */
export const witnessMiniscript: fc.Arbitrary<string> = filled("multi", false);
/** For leaves of `tr()`. */
export const leafMiniscript: fc.Arbitrary<string> = filled("multi_a", false);
/** With private keys. */
export const secretWitnessMiniscript: fc.Arbitrary<string> = filled("multi", true);
export const secretLeafMiniscript: fc.Arbitrary<string> = filled("multi_a", true);
/** A key that no script has. */
export const OTHER_KEY: string = bytesToHex(new PrivateKey(new Uint8Array(32).fill(77)).publicKey);
