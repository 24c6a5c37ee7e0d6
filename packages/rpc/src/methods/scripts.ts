/** Output scripts that callers name by descriptors. */
import { bytesToHex, type ChainParams } from "@chain/core";
import { inferDescriptor, SigningProvider } from "@chain/wallet/descriptors";
import { readObject, readString } from "../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";
import type { RpcHost } from "../host.ts";
import { type Json, typeName } from "../json/parse.ts";
import { readRange, requireDescriptors } from "./descriptors.ts";

/** Of a descriptor with a range, where none is given. Core: EvalDescriptorStringOrObject. */
const DEFAULT_RANGE = [0, 1000] as const;
/** So many scripts are derived before others get their turn. */
const AT_A_TIME = 64;

/** Output scripts, and what is known of each. */
export interface NamedScripts {
  /** Each once. */
  readonly all: readonly Uint8Array[];
  has(script: Uint8Array): boolean;
  /** The descriptor that says most about one of the scripts, with its checksum. */
  describe(script: Uint8Array): string;
}

/**
 * The scripts of scan objects: a descriptor, or `{ desc, range }`. Core: EvalDescriptorStringOrObject.
 * @throws RpcError -8, -5 with Core's reason
 */
export async function namedScripts(
  objects: readonly Json[],
  { chain: { params }, timers }: Pick<RpcHost, "chain" | "timers">,
): Promise<NamedScripts> {
  const providers = new Map<string, SigningProvider>();
  const all: Uint8Array[] = [];
  for (const object of objects) {
    const provider = new SigningProvider();
    for await (const expansion of expansions(object, params, timers)) {
      provider.merge(expansion.provider);
      for (const script of expansion.scripts) {
        const key = bytesToHex(script);
        if (providers.has(key)) continue;
        providers.set(key, provider);
        all.push(script);
      }
    }
  }
  return {
    all,
    has: (script) => providers.has(bytesToHex(script)),
    describe: (script) => describe(script, params, providers.get(bytesToHex(script))),
  };
}

/** Keys and scripts of scan objects, by default without private keys. @throws as {@link namedScripts} */
export async function providerOf(
  objects: readonly Json[],
  { chain: { params }, timers }: Pick<RpcHost, "chain" | "timers">,
  options: { readonly withPrivateKeys?: boolean } = {},
): Promise<SigningProvider> {
  const all = new SigningProvider();
  for (const object of objects) {
    const found = expansions(object, params, timers, options);
    for await (const { provider } of found) all.merge(provider);
  }
  return all;
}

/** The descriptors of a scan object, index by index. */
async function* expansions(
  object: Json,
  params: ChainParams,
  timers: RpcHost["timers"],
  options: { readonly withPrivateKeys?: boolean } = {},
) {
  const { text, range } = readScanObject(object);
  const { descriptors } = requireDescriptors(text, params);
  const [begin, end] = descriptors[0]?.isRange === true ? range : [0, 0];
  for (let index = begin; index <= end; index++) {
    for (const descriptor of descriptors) {
      const expansion = descriptor.expand(index, options);
      if (expansion === undefined) {
        const message = `Cannot derive script without private keys: '${text}'`;
        throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
      }
      yield expansion;
    }
    const derived = index - begin + 1;
    if (derived % AT_A_TIME === 0) await new Promise<void>((go) => timers.after(0, go));
  }
}

function describe(
  script: Uint8Array,
  params: ChainParams,
  provider: SigningProvider | undefined,
): string {
  return inferDescriptor(script, params, provider).toString();
}

function readScanObject(value: Json): {
  readonly text: string;
  readonly range: readonly [begin: number, end: number];
} {
  if (typeof value === "string") return { text: value, range: DEFAULT_RANGE };
  if (typeName(value) !== "object") {
    const message = "Scan object needs to be either a string or an object";
    throw new RpcError(RPC_INVALID_PARAMETER, message);
  }
  const { desc = null, range = null } = readObject(value);
  if (desc === null) {
    const message = "Descriptor needs to be provided in scan object";
    throw new RpcError(RPC_INVALID_PARAMETER, message);
  }
  return { text: readString(desc), range: range === null ? DEFAULT_RANGE : readRange(range) };
}
