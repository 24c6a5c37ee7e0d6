/** The descriptor of a script. Core: InferScript (descriptor.cpp). */

import {
  decodeScriptNumber,
  Opcode,
  type OutputTemplate,
  outputTemplate,
  ripemd160,
  ScriptReader,
  TAPSCRIPT_LEAF_VERSION,
} from "@chain/core";
import { present, requireBytes } from "@chain/core/arguments";
import { addressOfScript } from "../address.ts";
import { requireProvider, SigningProvider } from "../signingProvider.ts";
import { isXOnlyKey } from "../taproot.ts";
import { Descriptor } from "./descriptor.ts";
import { formatKey, type KeyExpression } from "./keyExpression.ts";
import { decodeMiniscript } from "./miniscript/decode.ts";
import { isSane } from "./miniscript/fragment.ts";
import type { Context, DescriptorNode, TreeLeaf } from "./node.ts";
import { type DescriptorParams, requireDescriptorParams } from "./params.ts";

const MAX_MULTI_A_KEYS = 999;

/**
 * The descriptor of an output script that says most about it with what is known: `addr()` or `raw()` where nothing
 * else is. Source: Core, InferDescriptor, which `decodescript` and `scantxoutset` print.
 * @param provider the known keys and scripts; none by default
 * @example inferDescriptor(p2pkScript(key.publicKey), regtest).toString() // "pk(02…"
 */
export function inferDescriptor(
  script: Uint8Array,
  params: DescriptorParams,
  provider: SigningProvider = new SigningProvider(),
): Descriptor {
  requireBytes(script, "script");
  requireDescriptorParams(params, "params");
  requireProvider(provider, "provider");
  const solved = inferNode(script, "top", provider);
  return new Descriptor(solved ?? unsolved(script, params), params, provider);
}

function unsolved(script: Uint8Array, params: DescriptorParams): DescriptorNode {
  const address = addressOfScript(script, params);
  return address === undefined ? { type: "raw", script } : { type: "addr", script, address };
}

function inferNode(
  script: Uint8Array,
  context: Context,
  provider: SigningProvider,
): DescriptorNode | undefined {
  if (context === "tr") {
    return inferTapscript(script, provider) ?? inferMiniscript(script, context, provider);
  }
  const solved = inferTemplate(script, context, provider);
  return solved ?? (context === "wsh" ? inferMiniscript(script, context, provider) : undefined);
}

/** The miniscript expression of a script, if it is sane. */
function inferMiniscript(
  script: Uint8Array,
  context: "wsh" | "tr",
  provider: SigningProvider,
): DescriptorNode | undefined {
  const keys: KeyExpression[] = [];
  const add = (key: KeyExpression | undefined) => key && keys.push(key) - 1;
  const expression = decodeMiniscript(script, {
    context: context === "wsh" ? "wsh" : "tapscript",
    readKey: (bytes) => {
      if (context === "tr") {
        return bytes.length === 32 ? add(inferXOnlyKey(bytes.slice(), provider)) : undefined;
      }
      return bytes.length === 33 && (bytes[0] === 2 || bytes[0] === 3)
        ? add(inferKey(bytes, context, provider))
        : undefined;
    },
    readHash: (hash20) => add(inferHashedKey(hash20, context, provider)),
  });
  if (expression === undefined) return undefined;
  const nameOf = (place: number) => formatKey(present(keys[place], "keys[place]"));
  return isSane(expression, nameOf) ? { type: "miniscript", expression, keys } : undefined;
}

function inferTemplate(
  script: Uint8Array,
  context: Exclude<Context, "tr">,
  provider: SigningProvider,
): DescriptorNode | undefined {
  const template = outputTemplate(script);
  switch (template.type) {
    case "pubkey": {
      const key = inferKey(template.publicKey, context, provider);
      return key && { type: "pk", key, xOnly: false };
    }
    case "pubkeyhash": {
      const key = inferHashedKey(template.hash, context, provider);
      return key && { type: "pkh", key };
    }
    case "witness_v0_keyhash": {
      if (context === "wsh") return undefined;
      const key = inferHashedKey(template.hash, "wpkh", provider);
      return key && { type: "wpkh", key };
    }
    case "multisig":
      return inferMulti(template, context, provider);
    case "scripthash":
      return context === "top"
        ? inferWrapped("sh", provider.script(template.hash), provider)
        : undefined;
    case "witness_v0_scripthash":
      return context === "wsh"
        ? undefined
        : inferWrapped("wsh", provider.script(ripemd160(template.hash)), provider);
    case "witness_v1_taproot":
      return context === "top" ? inferTaproot(template.outputKey, provider) : undefined;
    default:
      return undefined;
  }
}

function inferWrapped(
  type: "sh" | "wsh",
  script: Uint8Array | undefined,
  provider: SigningProvider,
): DescriptorNode | undefined {
  const inner = script && inferNode(script, type, provider);
  return inner && { type, inner };
}

/** Core: InferPubkey. It does not ask whether the key is on the curve. */
function inferKey(
  publicKey: Uint8Array,
  context: Context,
  provider: SigningProvider,
): KeyExpression | undefined {
  const [first] = publicKey;
  if (first === 6 || first === 7) return undefined; // hybrid
  if (publicKey.length === 65 && context !== "top" && context !== "sh") return undefined;
  const origin = provider.origin(publicKey);
  return { type: "constant", publicKey, xOnly: false, origin, apostrophe: false };
}

function inferHashedKey(
  hash20: Uint8Array,
  context: Context,
  provider: SigningProvider,
): KeyExpression | undefined {
  const publicKey = provider.publicKey(hash20);
  return publicKey && inferKey(publicKey, context, provider);
}

/** Core: InferXOnlyPubkey. */
function inferXOnlyKey(x32: Uint8Array, provider: SigningProvider): KeyExpression {
  const publicKey = Uint8Array.of(2, ...x32);
  const origin = provider.originByX(x32);
  return { type: "constant", publicKey, xOnly: true, origin, apostrophe: false };
}

function inferMulti(
  { required, publicKeys }: OutputTemplate & { readonly type: "multisig" },
  context: Context,
  provider: SigningProvider,
): DescriptorNode | undefined {
  const keys = publicKeys.map((key) => inferKey(key, context, provider));
  return keys.includes(undefined)
    ? undefined
    : { type: "multi", required, keys: keys as KeyExpression[] };
}

function inferTaproot(
  outputKey: Uint8Array,
  provider: SigningProvider,
): DescriptorNode | undefined {
  const output = provider.taproot(outputKey);
  if (output !== undefined) {
    const leaves: TreeLeaf[] = [];
    for (const { depth, script, leafVersion } of output.leaves) {
      const node =
        leafVersion === TAPSCRIPT_LEAF_VERSION ? inferNode(script, "tr", provider) : undefined;
      if (node !== undefined) leaves.push({ depth, node });
    }
    if (leaves.length === output.leaves.length) {
      return { type: "tr", key: inferXOnlyKey(output.internalKey, provider), leaves };
    }
  }
  return isXOnlyKey(outputKey)
    ? { type: "rawtr", key: inferXOnlyKey(outputKey, provider) }
    : undefined;
}

function inferTapscript(script: Uint8Array, provider: SigningProvider): DescriptorNode | undefined {
  if (script.length === 34 && script[0] === 32 && script[33] === Opcode.OP_CHECKSIG) {
    return { type: "pk", key: inferXOnlyKey(script.slice(1, 33), provider), xOnly: true };
  }
  const multi = matchMultiA(script);
  return (
    multi && {
      type: "multi_a",
      required: multi.required,
      keys: multi.keys.map((key) => inferXOnlyKey(key, provider)),
    }
  );
}

/** A multisig of tapscript (BIP-0387). Core: MatchMultiA (script/solver.cpp). */
function matchMultiA(
  script: Uint8Array,
): { readonly required: number; readonly keys: readonly Uint8Array[] } | undefined {
  if (script[0] !== 32 || script.at(-1) !== Opcode.OP_NUMEQUAL) return undefined;
  const keys: Uint8Array[] = [];
  let at = 0;
  while (script.length - at >= 34) {
    if (script[at] !== 32) return undefined;
    keys.push(script.slice(at + 1, at + 33));
    const check = keys.length === 1 ? Opcode.OP_CHECKSIG : Opcode.OP_CHECKSIGADD;
    if (script[at + 33] !== check) return undefined;
    at += 34;
  }
  if (keys.length === 0 || keys.length > MAX_MULTI_A_KEYS) return undefined;
  const reader = new ScriptReader(script);
  reader.position = at;
  const required = countOf(reader);
  if (required === undefined || required > keys.length) return undefined;
  return reader.position === script.length - 1 ? { required, keys } : undefined;
}

/** A number of at least 1, pushed in the shortest way. Core: GetScriptNumber. */
function countOf(reader: ScriptReader): number | undefined {
  const operation = reader.next();
  if (operation === undefined) return undefined;
  const { opcode, data } = operation;
  if (opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16) return opcode - Opcode.OP_1 + 1;
  if (data === undefined || data.length > 2) return undefined;
  const count = decodeScriptNumber(data, true);
  return count !== undefined && count > 16 ? count : undefined;
}
