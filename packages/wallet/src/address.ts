/** Addresses: Base58Check of a version byte and a hash of 20 bytes. */
import { type ChainParams, DEVNET, isP2pkh, mainnet, p2pkhScript, regtest } from "@chain/core";
import bs58check from "bs58check";
import { type Refused, refused, WalletError } from "./errors.ts";

/** The parameters that addresses depend on. `DEVNET` has them too, before there is a chain. */
export type AddressParams = Pick<
  ChainParams,
  "name" | "pubkeyHashPrefix" | "scriptHashPrefix" | "wifPrefix" | "bech32Hrp"
>;

/** What an address says: pay the key, or the script, of this hash of 20 bytes. */
export interface AddressContent {
  readonly type: "p2pkh" | "p2sh";
  readonly hash: Uint8Array;
}

export type AddressProblem =
  | "empty"
  | "not-base58"
  | "segwit"
  | "checksum"
  | "private-key"
  | "other-network"
  | "script-hash"
  | "not-an-address";

export type DecodedAddress =
  | {
      readonly ok: true;
      readonly type: "p2pkh";
      readonly hash: Uint8Array;
      /** The output script that pays it. */
      readonly script: Uint8Array;
    }
  | Refused<AddressProblem>;

/** @throws WalletError `invalid-length` unless the hash has 20 bytes. */
export function encodeAddress({ type, hash }: AddressContent, params: AddressParams): string {
  if (hash.length !== 20) throw new WalletError("invalid-length", "an address holds 20 bytes");
  const payload = new Uint8Array(21);
  payload[0] = type === "p2pkh" ? params.pubkeyHashPrefix : params.scriptHashPrefix;
  payload.set(hash, 1);
  return bs58check.encode(payload);
}

/** The address that an output script pays; `undefined` for a script that has none. */
export function addressOfScript(script: Uint8Array, params: AddressParams): string | undefined {
  if (isP2pkh(script)) {
    return encodeAddress({ type: "p2pkh", hash: script.subarray(3, 23) }, params);
  }
  // OP_HASH160 <20 bytes> OP_EQUAL (BIP-0016)
  if (script.length === 23 && script[0] === 0xa9 && script[1] === 20 && script[22] === 0x87) {
    return encodeAddress({ type: "p2sh", hash: script.subarray(2, 22) }, params);
  }
  return undefined;
}

/** Longer than any address of any network (BIP-0173: 90). Base58 takes the square of the length. */
const MAX_LENGTH = 90;
const NOT_BASE58 = /[^1-9A-HJ-NP-Za-km-z]/u;

/**
 * The output script of an address that somebody typed. A script-hash address (P2SH) is recognised and refused: the
 * nodes of this version can't spend such outputs, so coins sent there would be stuck.
 * @example decodeAddress("CYLyHpWtgKkYrVcpREmD4ur1cTRzcKMmQx", params)
 */
export function decodeAddress(text: string, params: AddressParams): DecodedAddress {
  if (text === "") return refused("empty", "no address given");
  if (text.length > MAX_LENGTH) return refused("not-an-address", "too long for an address");
  if (isSegwitShaped(text, params)) {
    return refused("segwit", "SegWit addresses (bech32) can't be paid by this version yet");
  }
  const strange = NOT_BASE58.exec(text)?.[0];
  if (strange !== undefined) {
    return refused("not-base58", `an address does not contain ${JSON.stringify(strange)}`);
  }
  const payload = bs58check.decodeUnsafe(text);
  if (payload === undefined) {
    return refused("checksum", "mistyped: the checksum of this address does not match");
  }
  const version = payload[0] as number;
  if (payload.length === 33 || payload.length === 34) {
    if (NETWORKS.some(({ wifPrefix }) => wifPrefix === version)) {
      return refused("private-key", "this is a private key, not an address: show it to nobody");
    }
  }
  if (payload.length !== 21) return refused("not-an-address", "not an address");
  if (version === params.scriptHashPrefix) {
    const reason = "pays a script hash (P2SH), which this version can't spend yet: not paid";
    return refused("script-hash", reason);
  }
  if (version !== params.pubkeyHashPrefix) {
    const reason = `an address of ${networkOf(version)}, not of ${NAMES[params.name]}`;
    return refused("other-network", reason);
  }
  const hash = payload.slice(1);
  return { ok: true, type: "p2pkh", hash, script: p2pkhScript(hash) };
}

const NETWORKS: readonly AddressParams[] = [mainnet, regtest, DEVNET];
/** What people call them. */
const NAMES: Readonly<Record<ChainParams["name"], string>> = {
  mainnet: "Bitcoin's main network",
  regtest: "Bitcoin's test networks",
  devnet: "devnet",
};

function networkOf(version: number): string {
  const network = NETWORKS.find(
    ({ pubkeyHashPrefix, scriptHashPrefix }) =>
      pubkeyHashPrefix === version || scriptHashPrefix === version,
  );
  return network === undefined ? "an unknown network" : NAMES[network.name];
}

/** `hrp1…` (BIP-0173), of any network we know or of the testnets. */
function isSegwitShaped(text: string, params: AddressParams): boolean {
  const lower = text.toLowerCase();
  return (
    [params, ...NETWORKS].some(({ bech32Hrp }) => lower.startsWith(`${bech32Hrp}1`)) ||
    lower.startsWith("tb1")
  );
}
