/** SCRIPT expressions of descriptors as text. Core: ParseScript (descriptor.cpp). */

import { hexToBytes } from "@chain/core";
import { present } from "@chain/core/arguments";
import { addressOfScript, decodeAddress } from "../address.ts";
import { MAX_TAPROOT_DEPTH } from "../taproot.ts";
import { type KeyExpression, keySize } from "./keyExpression.ts";
import { miniscriptNodes } from "./miniscriptNodes.ts";
import type { Context, DescriptorNode, TreeLeaf } from "./node.ts";
import { type KeyReader, parseKey } from "./parseKey.ts";
import { argumentOf, fail, isHex, parseUint32, Text, within } from "./text.ts";
import { alignVersions } from "./versions.ts";

/** Most keys of OP_CHECKMULTISIG. Core: MAX_PUBKEYS_PER_MULTISIG. */
const MAX_MULTISIG_KEYS = 20;
/** Most keys of a multisig in tapscript. Core: MAX_PUBKEYS_PER_MULTI_A. */
const MAX_MULTI_A_KEYS = 999;
/** A bare multisig with more keys is not relayed. */
const MAX_BARE_KEYS = 3;
/** Longest redeem script: it is pushed as one item. Bytes. */
const MAX_REDEEM_SCRIPT = 520;

/** Parses one function in its context. */
type ParseFunction = (argument: string, context: Context, reader: KeyReader) => DescriptorNode[];

/** A function: its name, where it may stand, what is said elsewhere, and how its argument is read. */
interface FunctionRule {
  readonly name: string;
  readonly contexts: readonly Context[];
  /** `undefined`: elsewhere it is no function at all. */
  readonly elsewhere: string | undefined;
  readonly parse: ParseFunction;
}

const SCRIPTS: readonly Context[] = ["top", "sh", "wsh"];
const MULTI_ELSEWHERE = "Can only have multi/sortedmulti at top level, in sh(), or in wsh()";
const MULTI_A_ELSEWHERE = "Can only have multi_a/sortedmulti_a inside tr()";

const singleKey =
  (type: "pkh" | "wpkh" | "combo", keyContext?: Context): ParseFunction =>
  (argument, context, reader) =>
    within(`${type}(): `, () => parseKey(argument, keyContext ?? context, reader)).map((key) => ({
      type,
      key,
    }));

const wrapper =
  (type: "sh" | "wsh"): ParseFunction =>
  (argument, _context, reader) => {
    const text = new Text(argument);
    const nodes = parseScript(text, type, reader);
    // Core says nothing here: its reason is an empty text.
    if (text.rest !== "") fail(`${type}(): unexpected '${text.rest}' after the script`);
    return nodes.map((inner) => ({ type, inner }));
  };

const multi =
  (type: "multi" | "sortedmulti" | "multi_a" | "sortedmulti_a"): ParseFunction =>
  (argument, context, reader) =>
    parseMulti(type, argument, context, reader);

const FUNCTIONS: readonly FunctionRule[] = [
  {
    name: "pk",
    contexts: ["top", "sh", "wsh", "tr"],
    elsewhere: undefined,
    parse: (argument, context, reader) =>
      within("pk(): ", () => parseKey(argument, context, reader)).map((key) => ({
        type: "pk",
        key,
        xOnly: context === "tr",
      })),
  },
  { name: "pkh", contexts: SCRIPTS, elsewhere: undefined, parse: singleKey("pkh") },
  {
    name: "combo",
    contexts: ["top"],
    elsewhere: "Can only have combo() at top level",
    parse: singleKey("combo"),
  },
  { name: "multi", contexts: SCRIPTS, elsewhere: MULTI_ELSEWHERE, parse: multi("multi") },
  {
    name: "sortedmulti",
    contexts: SCRIPTS,
    elsewhere: MULTI_ELSEWHERE,
    parse: multi("sortedmulti"),
  },
  { name: "multi_a", contexts: ["tr"], elsewhere: MULTI_A_ELSEWHERE, parse: multi("multi_a") },
  {
    name: "sortedmulti_a",
    contexts: ["tr"],
    elsewhere: MULTI_A_ELSEWHERE,
    parse: multi("sortedmulti_a"),
  },
  {
    name: "wpkh",
    contexts: ["top", "sh"],
    elsewhere: "Can only have wpkh() at top level or inside sh()",
    parse: singleKey("wpkh", "wpkh"),
  },
  {
    name: "sh",
    contexts: ["top"],
    elsewhere: "Can only have sh() at top level",
    parse: wrapper("sh"),
  },
  {
    name: "wsh",
    contexts: ["top", "sh"],
    elsewhere: "Can only have wsh() at top level or inside sh()",
    parse: wrapper("wsh"),
  },
  {
    name: "addr",
    contexts: ["top"],
    elsewhere: "Can only have addr() at top level",
    parse: (argument, _context, { params }) => {
      const decoded = decodeAddress(argument, params);
      if (!decoded.ok) fail("Address is not valid");
      const { script } = decoded;
      // Written as Core writes it, whatever its letters were.
      const address = present(addressOfScript(script, params), "the address of an address");
      return [{ type: "addr", script, address }];
    },
  },
  { name: "tr", contexts: ["top"], elsewhere: "Can only have tr at top level", parse: parseTr },
  {
    name: "rawtr",
    contexts: ["top"],
    elsewhere: "Can only have rawtr at top level",
    parse: (argument, _context, reader) => {
      const text = new Text(argument);
      const key = text.takeExpression();
      if (text.rest !== "") fail("rawtr(): only one key expected.");
      return within("rawtr(): ", () => parseKey(key, "tr", reader)).map((each) => ({
        type: "rawtr",
        key: each,
      }));
    },
  },
  {
    name: "raw",
    contexts: ["top"],
    elsewhere: "Can only have raw() at top level",
    parse: (argument) => {
      if (!isHex(argument)) fail("Raw script is not hex");
      return [{ type: "raw", script: hexToBytes(argument) }];
    },
  },
];

/**
 * The next script expression, in as many versions as its multipath specifiers have items.
 * @throws DescriptorProblem with Core's reason.
 */
export function parseScript(text: Text, context: Context, reader: KeyReader): DescriptorNode[] {
  const expression = text.takeExpression();
  for (const { name, contexts, elsewhere, parse } of FUNCTIONS) {
    const argument = argumentOf(name, expression);
    if (argument === undefined) continue;
    if (contexts.includes(context)) return parse(argument, context, reader);
    if (elsewhere !== undefined) fail(elsewhere);
  }
  const nodes = miniscriptNodes(expression, context, reader);
  if (nodes !== undefined) return nodes;
  if (context === "sh") fail("A function is needed within P2SH");
  if (context === "wsh") fail("A function is needed within P2WSH");
  fail(`'${expression}' is not a valid descriptor function`);
}

function parseMulti(
  type: "multi" | "sortedmulti" | "multi_a" | "sortedmulti_a",
  argument: string,
  context: Context,
  reader: KeyReader,
): DescriptorNode[] {
  const text = new Text(argument);
  const threshold = text.takeExpression();
  const required = parseUint32(threshold);
  if (required === undefined) fail(`Multi threshold '${threshold}' is not valid`);
  const keys: KeyExpression[][] = [];
  let count = 0;
  while (text.rest !== "") {
    if (!text.take(",")) fail(`Multi: expected ',', got '${text.next}'`);
    const expression = text.takeExpression();
    // More are refused below, and decoding a key costs more than sending it.
    if (count++ > MAX_MULTI_A_KEYS) continue;
    keys.push(within("Multi: ", () => parseKey(expression, context, reader)));
  }
  checkMulti(type.endsWith("_a"), required, count, keys, context);
  const mismatch = "multi(): Multipath derivation paths have mismatched lengths";
  return alignVersions(keys, mismatch).map((version) => ({ type, required, keys: version }));
}

function checkMulti(
  tapscript: boolean,
  required: number,
  count: number,
  keys: readonly (readonly KeyExpression[])[],
  context: Context,
): void {
  const [most, name] = tapscript ? [MAX_MULTI_A_KEYS, "multi_a"] : [MAX_MULTISIG_KEYS, "multisig"];
  if (count === 0 || count > most) {
    fail(`Cannot have ${count} keys in ${name}; must have between 1 and ${most} keys, inclusive`);
  }
  if (required < 1) fail(`Multisig threshold cannot be ${required}, must be at least 1`);
  if (required > count) {
    fail(
      `Multisig threshold cannot be larger than the number of keys; threshold is ${required} but only ${count} keys specified`,
    );
  }
  if (context === "top" && count > MAX_BARE_KEYS) {
    fail(`Cannot have ${count} pubkeys in bare multisig; only at most 3 pubkeys`);
  }
  if (context !== "sh") return;
  // Threshold, number of keys and OP_CHECKMULTISIG take one byte each, as long as the script is not too long.
  const size = keys.reduce((sum, [key]) => sum + 1 + (key === undefined ? 0 : keySize(key)), 3);
  if (size > MAX_REDEEM_SCRIPT) {
    fail(`P2SH script is too large, ${size} bytes is larger than ${MAX_REDEEM_SCRIPT} bytes`);
  }
}

function parseTr(argument: string, _context: Context, reader: KeyReader): DescriptorNode[] {
  const text = new Text(argument);
  const expression = text.takeExpression();
  const keys = within("tr(): ", () => parseKey(expression, "tr", reader));
  const { depths, nodes } = parseTree(text, reader);
  const trees = alignVersions(nodes, "tr(): Multipath subscripts have mismatched lengths");
  if (keys.length > 1 && trees.length > 1 && keys.length !== trees.length) {
    fail("tr(): Multipath internal key mismatches multipath subscripts lengths");
  }
  return Array.from({ length: Math.max(keys.length, trees.length) }, (_, version) => ({
    type: "tr",
    key: present(keys[keys.length === 1 ? 0 : version], "keys[keys.length === 1 ? 0 : version]"),
    leaves: present(
      trees[trees.length === 1 ? 0 : version],
      "trees[trees.length === 1 ? 0 : version]",
    ).map((node, i): TreeLeaf => ({ depth: depths[i] as number, node })),
  }));
}

/** The scripts behind the internal key, from left to right; none where there is no tree. */
function parseTree(
  text: Text,
  reader: KeyReader,
): { readonly depths: readonly number[]; readonly nodes: readonly DescriptorNode[][] } {
  const depths: number[] = [];
  const nodes: DescriptorNode[][] = [];
  if (text.rest === "") return { depths, nodes };
  if (!text.take(",")) fail(`tr: expected ',', got '${text.next}'`);
  // On the way from the root: whether we are in the right branch of each node.
  const inRight: boolean[] = [];
  do {
    while (text.take("{")) {
      if (inRight.push(false) > MAX_TAPROOT_DEPTH) {
        fail(`tr() supports at most ${MAX_TAPROOT_DEPTH} nesting levels`);
      }
    }
    nodes.push(parseScript(new Text(text.takeExpression()), "tr", reader));
    depths.push(inRight.length);
    while (inRight.at(-1) === true) {
      if (!text.take("}")) fail("tr(): expected '}' after script expression");
      inRight.pop();
    }
    if (inRight.length > 0) {
      if (!text.take(",")) fail("tr(): expected ',' after script expression");
      inRight[inRight.length - 1] = true;
    }
  } while (inRight.length > 0);
  if (text.rest !== "") fail("tr(): expected ')' after script expression");
  return { depths, nodes };
}
