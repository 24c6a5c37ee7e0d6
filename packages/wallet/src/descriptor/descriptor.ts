/** Output descriptors (BIP-0380 to 0386, 0387, 0389): output scripts as text. */
import { requireFields, requireInteger, requireString } from "@chain/core/arguments";
import { addressOfScript } from "../address.ts";
import { type Refused, refused } from "../errors.ts";
import type { ExtendedKey } from "../extendedKey.ts";
import { SigningProvider } from "../signingProvider.ts";
import { checkDescriptorChecksum, descriptorChecksum } from "./checksum.ts";
import { expandNode, MissingPrivateKey } from "./expand.ts";
import { formatNode } from "./format.ts";
import {
  formatKey,
  formatPrivateKey,
  isRanged,
  type KeyExpression,
  type PrivateRoots,
  privateRoot,
} from "./keyExpression.ts";
import { kindOf } from "./kindOf.ts";
import { type AddressKind, type DescriptorNode, partsOf } from "./node.ts";
import { normalizeKey } from "./normalize.ts";
import { type DescriptorParams, requireDescriptorParams } from "./params.ts";
import { parseScript } from "./parse.ts";
import { type MaxSatisfaction, maxSatisfaction, type SatisfactionOptions } from "./satisfaction.ts";
import { DescriptorProblem, Text } from "./text.ts";

/** A descriptor at one index. */
export interface DescriptorExpansion {
  /** Output scripts: one, but for `combo()`, which has up to four. */
  readonly scripts: readonly Uint8Array[];
  /** Redeem and witness scripts, public keys with origins, Taproot trees; private keys if they were asked for. */
  readonly provider: SigningProvider;
}

/**
 * A descriptor. Immutable. Its private keys, if it came with any, are neither printed nor serialised by accident.
 * Core: class Descriptor.
 *
 * @example
 * const parsed = parseDescriptor("raw(51)", regtest);
 * parsed.ok && parsed.descriptor.toString() // "raw(51)#8lvh9jxk"
 */
export class Descriptor {
  readonly #node: DescriptorNode;
  readonly #params: DescriptorParams;
  readonly #keys: SigningProvider;
  readonly #roots: PrivateRoots = new Map();

  constructor(node: DescriptorNode, params: DescriptorParams, keys: SigningProvider) {
    this.#node = node;
    this.#params = params;
    this.#keys = keys;
  }

  /** Whether a key has a range, so that every index is another output. */
  get isRange(): boolean {
    return someNode(this.#node, (node) => partsOf(node).keys.some(isRanged));
  }

  /** Whether it says how to spend the output: not so `addr()` and `raw()`. */
  get isSolvable(): boolean {
    return !someNode(this.#node, ({ type }) => type === "addr" || type === "raw");
  }

  /** Whether it was parsed with a private key. Of the versions of a multipath descriptor, all have the same. */
  get hasPrivateKeys(): boolean {
    return this.#keys.hasPrivateKeys;
  }

  /** Whether an index gives one script only: not so `combo()`. Core: IsSingleType. */
  get isSingleType(): boolean {
    return this.#node.type !== "combo";
  }

  /**
   * The type of the addresses that it gives; `undefined` where its scripts have none, or are of several types. Core:
   * GetOutputType.
   */
  get addressKind(): AddressKind | undefined {
    return kindOf(this.#node);
  }

  /**
   * The extended keys at the root of its key expressions, private where they came so, in their order. Core: GetPubKeys.
   */
  extendedKeys(): readonly ExtendedKey[] {
    return keysOf(this.#node).flatMap((key) =>
      key.type === "extended" ? [privateRoot(key, this.#keys) ?? key.root] : [],
    );
  }

  /**
   * The most that it takes to spend an output, for the size of a transaction before it is signed. A Taproot output is
   * taken to be spent by its key, unless told otherwise. Core: MaxSatisfactionWeight, MaxSatisfactionElems.
   * @returns `undefined` where the descriptor does not say how: `addr()`, `raw()`, and `combo()`, which means several
   */
  maxSatisfaction(options: SatisfactionOptions = {}): MaxSatisfaction | undefined {
    requireFields(options, "options", { maxSignatures: "boolean?", scriptPath: "boolean?" });
    return maxSatisfaction(this.#node, options);
  }

  /** The canonical text with its checksum and without private keys. */
  toString(): string {
    return addChecksum(formatNode(this.#node, this.#params, formatKey));
  }

  /**
   * The canonical text with its checksum, and with the private keys that are known: a secret.
   * @returns `undefined` where none is known
   */
  toPrivateString(): string | undefined {
    let found = false;
    const text = formatNode(this.#node, this.#params, (key) => {
      const secret = formatPrivateKey(key, this.#keys, this.#params);
      found ||= secret !== undefined;
      return secret ?? formatKey(key);
    });
    return found ? addChecksum(text) : undefined;
  }

  /**
   * The text without private keys in which extended keys stand behind their last hardened step, with their origin, so
   * that scripts can be derived from the text alone. `listdescriptors` shows it. Core: ToNormalizedString.
   * @returns `undefined` where a private key that is missing would have to take a hardened step
   */
  toNormalizedString(): string | undefined {
    let complete = true;
    const text = formatNode(this.#node, this.#params, (key) => {
      const normal = normalizeKey(key, this.#keys);
      complete &&= normal !== undefined;
      return formatKey(normal ?? key);
    });
    return complete ? addChecksum(text) : undefined;
  }

  /**
   * Output scripts, and what is known for spending them, at an index. Core: Expand, ExpandPrivate.
   * @param index from 0 to 2^31 - 1; makes no difference for a descriptor without range
   * @param options `withPrivateKeys`: the provider also gets the private keys that the descriptor came with
   * @returns `undefined` where only a private key that is missing could derive a key
   */
  expand(
    index: number,
    options: { readonly withPrivateKeys?: boolean } = {},
  ): DescriptorExpansion | undefined {
    requireInteger(index, "index", 0, 0x7fff_ffff);
    requireFields(options, "options", { withPrivateKeys: "boolean?" });
    const found = new SigningProvider();
    const { withPrivateKeys = false } = options;
    try {
      const scripts = expandNode(this.#node, {
        ...{ index, keys: this.#keys, found, withPrivateKeys, roots: this.#roots },
      });
      return { scripts, provider: found };
    } catch (error) {
      if (error instanceof MissingPrivateKey) return undefined;
      throw error;
    }
  }

  /**
   * The addresses at an index; the P2PK output of `combo()` has none and is left out. Core: DeriveAddresses, with its
   * reasons.
   */
  addresses(index: number): DerivedAddresses {
    const expansion = this.expand(index);
    if (expansion === undefined) {
      return refused("no-private-key", "Cannot derive script without private keys");
    }
    const { scripts } = expansion;
    const addresses: string[] = [];
    for (const script of scripts) {
      const address = addressOfScript(script, this.#params);
      if (address !== undefined) addresses.push(address);
      else if (scripts.length === 1) {
        return refused("no-address", "Descriptor does not have a corresponding address");
      }
    }
    return { ok: true, addresses };
  }
}

export type DerivedAddresses =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | Refused<"no-private-key" | "no-address">;

export type ParsedDescriptor =
  | {
      readonly ok: true;
      /** The first one: the only one unless a multipath specifier (`<0;1>`) has others. */
      readonly descriptor: Descriptor;
      /** All that a multipath descriptor means, in its order (BIP-0389). */
      readonly descriptors: readonly Descriptor[];
      /** Of the text that was parsed, whether it had one or not. */
      readonly checksum: string;
    }
  | Refused<"checksum" | "invalid-descriptor">;

/**
 * Parses a descriptor. The reason of a refusal is Core's; it quotes a key that is wrong, so it may hold a mistyped
 * secret. Source: BIP-0380 to 0387, 0389; Core: Parse (descriptor.cpp).
 * @param options `requireChecksum`: a descriptor without checksum is refused
 * @example
 * const parsed = parseDescriptor(`wpkh(${master.toPublicString()}/<0;1>/*)`, regtest);
 * parsed.ok && parsed.descriptors.length // 2: one for receiving, one for change
 */
export function parseDescriptor(
  text: string,
  params: DescriptorParams,
  options: { readonly requireChecksum?: boolean } = {},
): ParsedDescriptor {
  requireString(text, "text");
  requireDescriptorParams(params, "params");
  requireFields(options, "options", { requireChecksum: "boolean?" });
  const checked = checkDescriptorChecksum(text, options.requireChecksum ?? false);
  if (!checked.ok) return checked;
  const provider = new SigningProvider();
  const rest = new Text(checked.payload);
  let nodes: DescriptorNode[];
  try {
    nodes = parseScript(rest, "top", { params, provider });
  } catch (error) {
    if (!(error instanceof DescriptorProblem)) throw error;
    return refused("invalid-descriptor", error.message);
  }
  if (rest.rest !== "") {
    // Core says nothing here: its reason is an empty text.
    return refused("invalid-descriptor", `unexpected '${rest.rest}' after the descriptor`);
  }
  const descriptors = nodes.map((node) => new Descriptor(node, params, provider));
  const [descriptor] = descriptors as [Descriptor];
  return { ok: true, descriptor, descriptors, checksum: checked.checksum };
}

function addChecksum(text: string): string {
  return `${text}#${descriptorChecksum(text)}`;
}

function someNode(node: DescriptorNode, matches: (node: DescriptorNode) => boolean): boolean {
  return matches(node) || partsOf(node).nodes.some((inner) => someNode(inner, matches));
}

function keysOf(node: DescriptorNode): readonly KeyExpression[] {
  const { keys, nodes } = partsOf(node);
  return [...keys, ...nodes.flatMap(keysOf)];
}
