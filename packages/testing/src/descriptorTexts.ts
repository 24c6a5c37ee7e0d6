/** Descriptors of regtest made at random: right ones of every form, and ones with a mistake. */
import { bytesToHex, regtest, sha256 } from "@chain/core";
import { PrivateKey, toWif } from "@chain/wallet";
import { ExtendedKey, HARDENED } from "@chain/wallet/descriptors";
import fc from "fast-check";

const secrets = [1, 2, 3, 4, 5, 6].map((n) => sha256(Uint8Array.of(n, 77)));
const keys = secrets.map((secret) => new PrivateKey(secret));
const oldKeys = secrets.map((secret) => new PrivateKey(secret, { compressed: false }));
const MASTERS: readonly ExtendedKey[] = secrets
  .slice(0, 3)
  .map((secret) => ExtendedKey.fromSeed(secret, regtest));

/** Which keys a place takes. */
type Place = "any" | "compressed" | "tapscript";

const step = fc.integer({ min: 0, max: HARDENED - 1 });
const mark = fc.constantFrom("h", "'");
const hardenedStep = fc.tuple(step, mark).map(([index, sign]) => `${index}${sign}`);
const plainSteps = fc.array(step.map(String), { maxLength: 3 });
const join = (steps: readonly string[]) => steps.map((each) => `/${each}`).join("");

const origin = fc
  .tuple(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.array(fc.oneof(step.map(String), hardenedStep), { maxLength: 3 }),
  )
  .map(([fingerprint, steps]) => `[${bytesToHex(fingerprint)}${join(steps)}]`);

const constantKey = (place: Place): fc.Arbitrary<string> => {
  const all = [
    ...keys.map((key) => bytesToHex(key.publicKey)),
    ...keys.map((key) => toWif(key, regtest)),
    ...(place === "any"
      ? oldKeys.flatMap((key) => [bytesToHex(key.publicKey), toWif(key, regtest)])
      : []),
    ...(place === "tapscript" ? keys.map((key) => bytesToHex(key.publicKey.subarray(1))) : []),
  ];
  return fc.constantFrom(...all);
};

const publicPath = fc
  .tuple(fc.constantFrom(...MASTERS), plainSteps, fc.constantFrom("", "/*"))
  .map(([master, steps, range]) => master.toPublicString() + join(steps) + range);

const privatePath = fc
  .tuple(
    fc.constantFrom(...MASTERS),
    fc.array(fc.oneof(step.map(String), hardenedStep), { maxLength: 3 }),
    fc.constantFrom("", "/*", "/*h", "/*'"),
  )
  .map(([master, steps, range]) => `${master.toPrivateString()}${join(steps)}${range}`);

const key = (place: Place): fc.Arbitrary<string> =>
  fc
    .tuple(fc.option(origin, { nil: "" }), fc.oneof(constantKey(place), publicPath, privatePath))
    .map(([before, text]) => before + text);

const call = (name: string, ...parts: readonly fc.Arbitrary<unknown>[]) =>
  fc.tuple(...parts).map((texts) => `${name}(${texts.join(",")})`);

const multi = (names: readonly string[], place: Place, most: number) =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.array(key(place), { minLength: 1, maxLength: most }),
      fc.nat(),
    )
    .map(([name, list, n]) => `${name}(${[(n % list.length) + 1, ...list].join(",")})`);

const MULTI = ["multi", "sortedmulti"];
const MULTI_A = ["multi_a", "sortedmulti_a"];
const inWsh = fc.oneof(
  call("pk", key("compressed")),
  call("pkh", key("compressed")),
  multi(MULTI, "compressed", 20),
);
const inSh = fc.oneof(
  call("pk", key("any")),
  call("pkh", key("any")),
  call("wpkh", key("compressed")),
  call("wsh", inWsh),
  multi(MULTI, "any", 7),
  multi(MULTI, "compressed", 15),
);
const tree: fc.Arbitrary<string> = fc.letrec<{ tree: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(call("pk", key("tapscript")), multi(MULTI_A, "tapscript", 5)),
  tree: fc.oneof(
    { depthSize: "small" },
    tie("leaf"),
    fc.tuple(tie("tree"), tie("tree")).map(([left, right]) => `{${left},${right}}`),
  ),
})).tree;

type Form =
  | "pk"
  | "pkh"
  | "wpkh"
  | "combo"
  | "multi"
  | "sh"
  | "wsh"
  | "tr of a key"
  | "tr of a tree"
  | "rawtr";

/** Descriptors that say how to spend, by their functions. */
export const SOLVABLE: Readonly<Record<Form, fc.Arbitrary<string>>> = {
  pk: call("pk", key("any")),
  pkh: call("pkh", key("any")),
  wpkh: call("wpkh", key("compressed")),
  combo: call("combo", key("any")),
  multi: multi(MULTI, "any", 3),
  sh: call("sh", inSh),
  wsh: call("wsh", inWsh),
  "tr of a key": call("tr", key("tapscript")),
  "tr of a tree": call("tr", key("tapscript"), tree),
  rawtr: call("rawtr", key("tapscript")),
};

/** Descriptors with the version of a multipath specifier written out: the text, and what it means in order. */
export const MULTIPATH: fc.Arbitrary<{ readonly text: string; readonly means: readonly string[] }> =
  fc
    .tuple(
      fc.constantFrom(...MASTERS),
      fc.constantFrom(...MASTERS),
      fc.uniqueArray(fc.oneof(step.map(String), fc.integer({ min: 0, max: 9 }).map(String)), {
        minLength: 2,
        maxLength: 4,
      }),
      fc.constantFrom(
        (a: string, b: string) => `wsh(multi(1,${a},${b}))`,
        (a: string, b: string) => `tr(${a},{pk(${b}),multi_a(1,${a},${b})})`,
        (a: string) => `pkh(${a})`,
        (a: string, b: string) => `sh(sortedmulti(2,${a},${b}))`,
      ),
      fc.boolean(),
    )
    .map(([first, second, values, shape, both]) => {
      const write = (path: string) =>
        shape(
          `${first.toPublicString()}/${path}/*`,
          both ? `${second.toPublicString()}/7/${path}` : `${second.toPublicString()}/7/*`,
        );
      return { text: write(`<${values.join(";")}>`), means: values.map(write) };
    });

/** A right descriptor. */
export const anyDescriptor: fc.Arbitrary<string> = fc.oneof(...Object.values(SOLVABLE));

const FRAGMENTS = [
  ..."()[]{}<>,;/*#'h0123456789 abcx",
  "pk(",
  "pkh(",
  "wpkh(",
  "sh(",
  "wsh(",
  "combo(",
  "multi(",
  "sortedmulti(",
  "multi_a(",
  "sortedmulti_a(",
  "tr(",
  "rawtr(",
  "addr(",
  "raw(",
  "<0;1>",
  "/2147483648",
  "/4294967296",
  "[deadbeef]",
  "00",
];

/** A descriptor with mistakes: characters taken away, put in or exchanged. It may be right by chance. */
export const damagedDescriptor: fc.Arbitrary<string> = fc
  .tuple(
    anyDescriptor,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.constantFrom("", ...FRAGMENTS)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, [place, removed, inserted]) => {
      const at = place % (changed.length + 1);
      return changed.slice(0, at) + inserted + changed.slice(at + removed);
    }, text),
  );

const [master] = MASTERS as [ExtendedKey];
const hex = bytesToHex((keys[0] as PrivateKey).publicKey);
const oldHex = bytesToHex((oldKeys[0] as PrivateKey).publicKey);
const xpub = master.toPublicString();
const many = (count: number, text: string) => Array.from({ length: count }, () => text).join(",");
const nested = (depth: number) => `${"{".repeat(depth)}pk(${hex})`;

/** One mistake each, of every kind that has a reason of its own. */
export const MISTAKES: readonly string[] = [
  "",
  "(",
  "pk()",
  "pk",
  `pk(${hex}`,
  `pk(${hex}))`,
  `pk(${hex}),`,
  `pk( ${hex})`,
  `pk(${hex} )`,
  `pk(${hex}/0)`,
  `pk(${hex}/*)`,
  `pk(${hex.slice(1)})`,
  `pk(05${hex.slice(2)})`,
  `pk(${hex.slice(2)})`,
  `pk(06${oldHex.slice(2)})`,
  `pk(07${oldHex.slice(2)})`,
  `pk(02${"ff".repeat(32)})`,
  `pk(${xpub}x)`,
  `pk(${xpub}/)`,
  `pk(${xpub}//1)`,
  `pk(${xpub}/-1)`,
  `pk(${xpub}/+1)`,
  `pk(${xpub}/1a)`,
  `pk(${xpub}/h)`,
  `pk(${xpub}/2147483648)`,
  `pk(${xpub}/2147483648h)`,
  `pk(${xpub}/4294967296)`,
  `pk(${xpub}/99999999999999999999)`,
  `pk(${xpub}/1hh)`,
  `pk(${xpub}/*/0)`,
  `pk(${xpub}/**)`,
  `pk(${xpub}/*H)`,
  `pk(${xpub}/<0;1>/<2;3>)`,
  `pk(${xpub}/<0>)`,
  `pk(${xpub}/<>)`,
  `pk(${xpub}/<0;>)`,
  `pk(${xpub}/<0;0>)`,
  `pk(${xpub}/<0;1;00>)`,
  `pk(${xpub}/<0;1)`,
  `pk(${xpub}/0;1>)`,
  `pk(${xpub}/<0;a>)`,
  `pk(${xpub}/<0;*>)`,
  `pk(${xpub}/<0;2147483648>)`,
  `pk([deadbeef/<0;1>]${xpub})`,
  `pk([deadbee]${xpub})`,
  `pk([deadbeef0]${xpub})`,
  `pk([deadbeeg]${xpub})`,
  `pk([]${xpub})`,
  `pk(]${xpub})`,
  `pk([deadbeef]]${xpub})`,
  `pk([deadbeef][deadbeef]${xpub})`,
  `pk(deadbeef]${xpub})`,
  `pk([deadbeef${xpub})`,
  `pk([deadbeef/]${xpub})`,
  `pk([deadbeef/1x]${xpub})`,
  `pk([deadbeef/*]${xpub})`,
  "pk([deadbeef])",
  `pk([deadbeef]${hex}/1)`,
  `wpkh(${oldHex})`,
  `wsh(pk(${oldHex}))`,
  `sh(wpkh(${oldHex}))`,
  `sh(wsh(pkh(${oldHex})))`,
  `wsh(multi(1,${oldHex}))`,
  `wpkh(${toWif(oldKeys[0] as PrivateKey, regtest)})`,
  `tr(${oldHex})`,
  `tr(${hex},pk(${oldHex}))`,
  `pk(${hex.slice(2)},${hex})`,
  `pkh(${hex},${hex})`,
  `sh(combo(${hex}))`,
  `sh(sh(pk(${hex})))`,
  `wsh(wpkh(${hex}))`,
  `wsh(wsh(pk(${hex})))`,
  `wsh(sh(pk(${hex})))`,
  `sh(${hex})`,
  "sh()",
  "wsh()",
  `wsh(${hex})`,
  `sh(pk(${hex}),pk(${hex}))`,
  `wsh(pk(${hex}),pk(${hex}))`,
  "sh(addr(x))",
  "sh(raw(00))",
  `sh(tr(${hex}))`,
  `wsh(tr(${hex}))`,
  `sh(rawtr(${hex}))`,
  `wsh(multi_a(1,${hex}))`,
  `multi_a(1,${hex})`,
  `sortedmulti_a(1,${hex})`,
  `tr(${hex},multi(1,${hex}))`,
  `tr(${hex},sortedmulti(1,${hex}))`,
  `tr(${hex},wpkh(${hex}))`,
  `tr(${hex},combo(${hex}))`,
  `tr(${hex},tr(${hex}))`,
  `tr(${hex},raw(00))`,
  `tr(${hex},rawtr(${hex}))`,
  `tr(${hex},addr(x))`,
  "tr()",
  `tr(${hex},)`,
  `tr(${hex},{)`,
  `tr(${hex},{})`,
  `tr(${hex},{pk(${hex})})`,
  `tr(${hex},{pk(${hex}),})`,
  `tr(${hex},{pk(${hex}),pk(${hex}))`,
  `tr(${hex},{pk(${hex}),pk(${hex}),pk(${hex})})`,
  `tr(${hex},{pk(${hex}),pk(${hex})}})`,
  `tr(${hex},pk(${hex}),pk(${hex}))`,
  `tr(${hex}{pk(${hex}))`,
  `tr(${hex}}`,
  `tr(${hex},${nested(128)})`,
  `tr(${hex},${nested(129)})`,
  `rawtr(${hex},${hex})`,
  "rawtr()",
  `rawtr(${oldHex})`,
  "multi()",
  "multi(1)",
  "multi(,)",
  `multi(${hex})`,
  `multi(0,${hex})`,
  `multi(2,${hex})`,
  `multi(-1,${hex})`,
  `multi(a,${hex})`,
  `multi(4294967296,${hex})`,
  `multi(1,${hex},)`,
  `multi(1,${hex},x)`,
  `multi(1,${hex}}`,
  `multi(1,${many(4, hex)})`,
  `multi(1,${many(20, hex)})`,
  `multi(1,${many(21, hex)})`,
  `sh(multi(1,${many(15, hex)}))`,
  `sh(multi(1,${many(16, hex)}))`,
  `sh(multi(1,${many(7, oldHex)}))`,
  `sh(multi(1,${many(8, oldHex)}))`,
  `wsh(multi(1,${many(20, hex)}))`,
  `wsh(multi(1,${many(21, hex)}))`,
  `wsh(multi(1,${xpub}/<0;1>,${xpub}/<0;1;2>))`,
  `tr(${xpub}/<0;1>,pk(${xpub}/<0;1;2>))`,
  `tr(${xpub},{pk(${xpub}/<0;1>),pk(${xpub}/<0;1;2>)})`,
  `tr(${hex},multi_a(1,${many(999, hex)}))`,
  `tr(${hex},multi_a(1,${many(1000, hex)}))`,
  `tr(${hex},multi_a(0,${hex}))`,
  `tr(${hex},multi_a(3,${hex},${hex}))`,
  "addr()",
  "addr(x)",
  "addr(1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa)",
  "raw()",
  "raw(0)",
  "raw(0x)",
  "raw(00,00)",
  `unknown(${hex})`,
  hex,
  `PK(${hex})`,
  `pk (${hex})`,
  `pk(${hex})#`,
  `pk(${hex})#1234567`,
  `pk(${hex})#123456789`,
  `pk(${hex})#qqqqqqqq`,
  `pk(${hex})##qqqqqqqq`,
  `pk(${hex})#qqqqqqqq#`,
  "raw(deadbeef)#89f8spxn",
  "raw(é)",
  "raw(\u0000)",
  "raw(00)\n",
];
