/** Descriptors that callers give. */
import type { ChainParams } from "@chain/core";
import { type Descriptor, parseDescriptor } from "@chain/wallet/descriptors";
import { z } from "zod";
import type { ArgumentType } from "../define/argument.ts";
import { readInteger } from "../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";
import { type Json, typeName } from "../json/parse.ts";

export const EXAMPLE_DESCRIPTOR =
  "wpkh([d34db33f/84h/0h/0h]xpub6DJ2dNUysrn5Vt36jH2KLBT2i1auw1tTSSomg8PhqNiUtx8QX2SvC9nrHu81fT41fvDUnhMjEzQgXnQjKEu3oaqMSzhSrHMxyyoEAmUHQbY/0/*)#cjjspncu";

const MAX_RANGE = 1_000_000n;
const INT64 = [-(1n << 63n), (1n << 63n) - 1n] as const;

/** The first and the last index of a range: `[begin,end]`, or the end alone. */
export const rangeType: ArgumentType<readonly [begin: number, end: number]> = {
  kind: "range",
  schema: z.union([z.int(), z.array(z.int())]),
  read: readRange,
};

/** Core: ParseDescriptorRange. @throws RpcError -8 */
export function readRange(value: Json): readonly [begin: number, end: number] {
  const [begin, end] = limits(value);
  if (begin < 0n) throw invalid("Range should be greater or equal than 0");
  if (end >> 31n !== 0n) throw invalid("End of range is too high");
  if (end >= begin + MAX_RANGE) throw invalid("Range is too large");
  return [Number(begin), Number(end)];
}

function limits(value: Json): readonly [bigint, bigint] {
  if (typeName(value) === "number") return [0n, readInteger(value, ...INT64)];
  const isPair =
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((each) => typeName(each) === "number");
  if (!isPair) throw invalid("Range must be specified as end or as [begin,end]");
  const [begin, end] = value as unknown as readonly [Json, Json];
  const pair = [readInteger(begin, ...INT64), readInteger(end, ...INT64)] as const;
  if (pair[0] <= pair[1]) return pair;
  throw invalid("Range specified as [begin,end] must not have begin after end");
}

/** All that a text means: more than one where it has several paths. @throws RpcError -5 with Core's reason */
export function requireDescriptors(
  text: string,
  params: ChainParams,
  options: { readonly requireChecksum?: boolean } = {},
): { readonly descriptors: readonly Descriptor[]; readonly checksum: string } {
  const parsed = parseDescriptor(text, params, options);
  if (parsed.ok) return parsed;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, parsed.reason);
}

/**
 * The output script that a descriptor has for a coinbase.
 * @returns `undefined` where the text is no descriptor: it may be an address
 * @throws RpcError -5, -8 where it is one, and not of a single script
 */
export function scriptOfDescriptor(text: string, params: ChainParams): Uint8Array | undefined {
  const parsed = parseDescriptor(text, params);
  if (!parsed.ok) return undefined;
  if (parsed.descriptors.length > 1) throw invalid("Multipath descriptor not accepted");
  const { descriptor } = parsed;
  if (descriptor.isRange) {
    throw invalid("Ranged descriptor not accepted. Maybe pass through deriveaddresses first?");
  }
  const scripts = descriptor.expand(0)?.scripts;
  if (scripts === undefined) {
    const message = "Cannot derive script without private keys";
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
  }
  // Of `combo`, P2WPKH where the key is compressed, and else P2PKH.
  return scripts.length === 4 ? scripts[2] : scripts.length === 2 ? scripts[1] : scripts[0];
}

function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, message);
}
