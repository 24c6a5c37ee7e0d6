/** One descriptor of a call of `importdescriptors`. Core: ProcessDescriptorImport (wallet/rpc/backup.cpp). */
import type { Seconds } from "@chain/core";
import { WalletError } from "@chain/wallet";
import type { Descriptor } from "@chain/wallet/descriptors";
import { readBoolean, readInteger, readString } from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_WALLET_ERROR,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import type { Json } from "../../json/parse.ts";
import { readRange, requireDescriptors } from "../../methods/descriptors.ts";
import type { RpcWallet } from "../host.ts";
import { requireLabel } from "../method.ts";

type Fields = { readonly [name: string]: Json };

export interface ImportOutcome {
  readonly success: boolean;
  readonly warnings: readonly string[];
  readonly error?: { readonly code: number; readonly message: string };
}

const INT64 = [-(1n << 63n), (1n << 63n) - 1n] as const;
const RANGE_IS_DEFAULT = "Range not given, using default keypool range";
const NOT_ALL_KEYS =
  "Not all private keys provided. Some wallet functionality may return unexpected errors";
const NO_TYPE = "Unknown output type, cannot set descriptor to active.";

/** A descriptor that is none, or does not fit the wallet, is told in the outcome. */
export function importDescriptor(
  fields: Fields,
  timestamp: Seconds,
  wallet: RpcWallet,
  host: RpcHost,
): ImportOutcome {
  const warnings: string[] = [];
  try {
    add(fields, timestamp, wallet, host, (warning) => warnings.push(warning));
    return { success: true, warnings };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const { code, message } = error;
    return { success: false, warnings, error: { code, message } };
  }
}

function add(
  fields: Fields,
  timestamp: Seconds,
  wallet: RpcWallet,
  { chain }: RpcHost,
  warn: (warning: string) => void,
): void {
  const { ledger } = wallet;
  const has = (name: string) => Object.hasOwn(fields, name);
  if (!has("desc")) throw invalid("Descriptor not found.");
  const text = readString(fields["desc"] ?? null);
  const active = has("active") && readBoolean(fields["active"] ?? null);
  const label = has("label") ? requireLabel(readString(fields["label"] ?? null)) : "";
  const { descriptors } = requireDescriptors(text, chain.params, { requireChecksum: true });
  const isMultipath = descriptors.length > 1;
  if (has("internal") && isMultipath) {
    const message = "Cannot have multipath descriptor while also specifying 'internal'";
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
  }
  const internal = has("internal") && readBoolean(fields["internal"] ?? null);
  const [first] = descriptors;
  if (first === undefined) throw invalid("Descriptor not found.");
  const indices = indicesOf(fields, first, wallet, warn);
  if (active && !first.isRange) throw invalid("Active descriptors must be ranged");
  if (has("label")) {
    if (isMultipath) throw invalid("Multipath descriptors should not have a label");
    if (first.isRange) throw invalid("Ranged descriptors should not have a label");
    if (internal) throw invalid("Internal addresses should not have a label");
  }
  if (active && !first.isSingleType) throw refused("Combo descriptors cannot be set to active");
  const hasKeys = descriptors.some(({ hasPrivateKeys }) => hasPrivateKeys);
  if (ledger.hasFlag("disablePrivateKeys") && hasKeys) {
    throw refused("Cannot import private keys to a wallet with private keys disabled");
  }
  for (const [i, descriptor] of descriptors.entries()) {
    requireKeys(descriptor, wallet, warn);
    const canBeActive = descriptor.addressKind !== undefined;
    if (active && !canBeActive) warn(NO_TYPE);
    try {
      ledger.addDescriptor(descriptor, {
        active: active && canBeActive,
        internal: descriptors.length === 2 ? i === 1 : internal,
        timestamp,
        label,
        ...indices,
      });
    } catch (error) {
      if (!(error instanceof WalletError)) throw error;
      throw refused(`Could not add descriptor '${text}': ${error.message}`, error);
    }
  }
}

/** The range and the next index. @throws RpcError -8 */
function indicesOf(
  fields: Fields,
  { isRange }: Descriptor,
  { settings }: RpcWallet,
  warn: (warning: string) => void,
) {
  const range = fields["range"] ?? null;
  if (!isRange) {
    if (range === null) return {};
    throw invalid("Range should not be specified for an un-ranged descriptor");
  }
  if (range === null) warn(RANGE_IS_DEFAULT);
  const [start, last] = range === null ? [0, settings.keypool - 1] : readRange(range);
  const given = fields["next_index"] ?? null;
  const next = given === null ? start : Number(readInteger(given, ...INT64));
  if (next < start || next > last) throw invalid("next_index is out of range");
  return { range: { start, end: last + 1 }, next };
}

/** @throws RpcError -4 where its scripts can't be derived, or the wallet wants private keys and it has none */
function requireKeys(
  descriptor: Descriptor,
  { ledger }: RpcWallet,
  warn: (warning: string) => void,
): void {
  const expansion = descriptor.expand(0, { withPrivateKeys: true });
  if (expansion === undefined) {
    const why = "Probably because of hardened derivations without private keys provided";
    throw refused(`Cannot expand descriptor. ${why}`);
  }
  if (ledger.hasFlag("disablePrivateKeys")) return;
  if (!descriptor.hasPrivateKeys) {
    const what = "Cannot import descriptor without private keys";
    throw refused(`${what} to a wallet with private keys enabled`);
  }
  const { provider } = expansion;
  const isComplete = provider.publicKeys.every((key) => provider.privateKey(key) !== undefined);
  if (!isComplete) warn(NOT_ALL_KEYS);
}

function invalid(message: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, message);
}

function refused(message: string, cause?: unknown): RpcError {
  return new RpcError(RPC_WALLET_ERROR, message, { cause });
}
