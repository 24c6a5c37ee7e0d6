/** Addresses: Base58Check of a version byte and a hash of 20 bytes, or bech32 and bech32m of a witness program. */

import {
  type ChainParams,
  DEVNET,
  mainnet,
  outputTemplate,
  p2pkhScript,
  p2shScript,
  regtest,
  testnet4,
  witnessProgramScript,
} from "@chain/core";
import { requireBytes, requireFields, requireString } from "@chain/core/arguments";
import { bech32, bech32m } from "@scure/base";
import { decodeBase58check, encodeBase58check } from "./base58check.ts";
import { type Refused, refused, WalletError } from "./errors.ts";

/** The parameters that addresses depend on. `DEVNET` has them too, before there is a chain. */
export type AddressParams = Pick<
  ChainParams,
  "name" | "addressesOf" | "pubkeyHashPrefix" | "scriptHashPrefix" | "wifPrefix" | "bech32Hrp"
>;

/** The content of an address: pay the key, or the script, of this hash of 20 bytes; or this witness program (BIP-0141). */
export type AddressContent =
  | { readonly type: "p2pkh" | "p2sh"; readonly hash: Uint8Array }
  | {
      readonly type: "witness";
      /**
       * 0: hash of a key (20 bytes) or of a script (32); 1 with 32 bytes: Taproot; others, up to 16: not yet given a
       * meaning.
       */
      readonly version: number;
      readonly program: Uint8Array;
    };

export type AddressProblem =
  | "empty"
  | "not-base58"
  | "checksum"
  | "private-key"
  | "other-network"
  | "not-an-address";

export type DecodedAddress =
  | (AddressContent & {
      readonly ok: true;
      /** The output script that pays it. */
      readonly script: Uint8Array;
    })
  | Refused<AddressProblem>;

/**
 * The address of a hash or of a witness program.
 * @throws WalletError `invalid-length` for a hash that has not 20 bytes; CoreError for no witness program.
 * @example encodeAddress({ type: "witness", version: 1, program: key.publicKey.subarray(1) }, mainnet) // "bc1p…"
 */
export function encodeAddress(content: AddressContent, params: AddressParams): string {
  requireFields(content, "content", { type: "string" });
  requireFields(
    content,
    "content",
    content.type === "witness" ? { version: "number", program: "bytes" } : { hash: "bytes" },
  );
  requireAddressParams(params, "params");

  if (content.type === "witness") return encodeWitness(content.version, content.program, params);
  const { type, hash } = content;
  if (hash.length !== 20) throw new WalletError("invalid-length", "an address holds 20 bytes");
  const payload = new Uint8Array(21);
  payload[0] = type === "p2pkh" ? params.pubkeyHashPrefix : params.scriptHashPrefix;
  payload.set(hash, 1);
  return encodeBase58check(payload);
}

/** BIP-0173, and BIP-0350 for all versions but 0. */
function encodeWitness(version: number, program: Uint8Array, params: AddressParams): string {
  witnessProgramScript(version, program); // throws where there is no such program
  if (version === 0 && program.length !== 20 && program.length !== 32) {
    throw new WalletError("invalid-length", "a program of version 0 has 20 or 32 bytes");
  }
  const code = version === 0 ? bech32 : bech32m;
  return code.encode(params.bech32Hrp, [version, ...code.toWords(program)]);
}

/**
 * The address that an output script pays; `undefined` for a script that has none.
 * @example addressOfScript(key.script, regtest) // "mvSvTtvD9H9fkgi8MGDyLALgRaR2LhnWFM"
 */
export function addressOfScript(script: Uint8Array, params: AddressParams): string | undefined {
  requireBytes(script, "script");
  requireAddressParams(params, "params");

  const template = outputTemplate(script);
  const witness = (version: number, program: Uint8Array) =>
    encodeAddress({ type: "witness", version, program }, params);
  switch (template.type) {
    case "pubkeyhash":
      return encodeAddress({ type: "p2pkh", hash: template.hash }, params);
    case "scripthash":
      return encodeAddress({ type: "p2sh", hash: template.hash }, params);
    case "witness_v0_keyhash":
    case "witness_v0_scripthash":
      return witness(0, template.hash);
    case "witness_v1_taproot":
      return witness(1, template.outputKey);
    case "anchor":
      return witness(1, template.program);
    case "witness_unknown":
      return witness(template.version, template.program);
    case "pubkey":
    case "multisig":
    case "nulldata":
    case "nonstandard":
      return undefined;
    default:
      return template satisfies never;
  }
}

/** Longer than any address of any network (BIP-0173: 90). Base58 takes the square of the length. */
const MAX_LENGTH = 90;
const NOT_BASE58 = /[^1-9A-HJ-NP-Za-km-z]/u;

/**
 * The output script of an address that a user typed. A text with a right Base58Check checksum is read as Base58,
 * because such an address may begin like bech32 (`CdEV1…` on devnet); prefixes only choose the reason of a refusal.
 * @example
 * const decoded = decodeAddress(address, regtest);
 * decoded.ok && equalBytes(decoded.script, key.script) // true
 * const mistyped = decodeAddress("mmQ3", regtest);
 * mistyped.ok || mistyped.code // "checksum"
 */
export function decodeAddress(text: string, params: AddressParams): DecodedAddress {
  requireString(text, "text");
  requireAddressParams(params, "params");

  if (text === "") return refused("empty", "no address given");
  if (text.length > MAX_LENGTH) return refused("not-an-address", "too long for an address");
  const payload = decodeBase58check(text);
  if (payload !== undefined) return decodeBase58(payload, params);
  const hrp = knownHrp(text, params);
  if (hrp !== undefined) return decodeWitness(text, hrp, params);
  const strange = NOT_BASE58.exec(text)?.[0];
  if (strange !== undefined) {
    return refused("not-base58", `an address does not contain ${JSON.stringify(strange)}`);
  }
  return MISTYPED;
}

function decodeBase58(payload: Uint8Array, params: AddressParams): DecodedAddress {
  const version = payload[0] as number;
  if (payload.length === 33 || payload.length === 34) {
    if ([params, ...NETWORKS].some(({ wifPrefix }) => wifPrefix === version)) {
      return refused("private-key", "this is a private key, not an address: show it to nobody");
    }
  }
  if (payload.length !== 21) return NOT_AN_ADDRESS;
  const hash = payload.slice(1);
  if (version === params.pubkeyHashPrefix) {
    return { ok: true, type: "p2pkh", hash, script: p2pkhScript(hash) };
  }
  if (version === params.scriptHashPrefix) {
    return { ok: true, type: "p2sh", hash, script: p2shScript(hash) };
  }
  return otherNetwork(
    NETWORKS.find((each) => [each.pubkeyHashPrefix, each.scriptHashPrefix].includes(version)),
    params,
  );
}

const MISTYPED = /* @__PURE__ */ refused(
  "checksum",
  "mistyped: the checksum of this address does not match",
);
const NOT_AN_ADDRESS = /* @__PURE__ */ refused("not-an-address", "not an address");

function decodeWitness(text: string, hrp: string, params: AddressParams): DecodedAddress {
  const lower = text.toLowerCase();
  const [plain, modified] = [bech32.decodeUnsafe(lower), bech32m.decodeUnsafe(lower)];
  const decoded = plain ?? modified;
  if (decoded === undefined) return MISTYPED;
  // BIP-0173. Checked after the checksum, because a mistyped Base58 address has both cases too.
  if (text !== lower && text !== text.toUpperCase()) {
    return refused("not-an-address", "small and capital letters are mixed");
  }
  const [version, ...words] = decoded.words;
  // Version 0 has the older checksum and all others the newer (BIP-0350); with the wrong one it was made by mistake.
  if (version === undefined || version > 16 || (version === 0) !== (plain !== undefined)) {
    return NOT_AN_ADDRESS;
  }
  const program = bech32.fromWordsUnsafe(words);
  if (program === undefined || program.length < 2 || program.length > 40) return NOT_AN_ADDRESS;
  if (version === 0 && program.length !== 20 && program.length !== 32) return NOT_AN_ADDRESS;
  if (hrp !== params.bech32Hrp) {
    return otherNetwork(
      NETWORKS.find(({ bech32Hrp }) => bech32Hrp === hrp),
      params,
    );
  }
  const script = witnessProgramScript(version, program);
  return { ok: true, type: "witness", version, program: Uint8Array.from(program), script };
}

/** One of each kind: `testnet4` and `signet` have the same addresses. */
const NETWORKS: readonly AddressParams[] = [mainnet, testnet4, regtest, DEVNET];

function otherNetwork(network: AddressParams | undefined, params: AddressParams): DecodedAddress {
  const name = network?.addressesOf ?? "another network";
  return refused("other-network", `an address of ${name}, not of ${params.addressesOf}`);
}

/** The human-readable part, if it is one of a network that we know. */
function knownHrp(text: string, params: AddressParams): string | undefined {
  const end = text.lastIndexOf("1");
  const hrp = text.slice(0, Math.max(end, 0)).toLowerCase();
  return [params, ...NETWORKS].some(({ bech32Hrp }) => bech32Hrp === hrp) ? hrp : undefined;
}

/** The prefixes of a network: its parameters, or `DEVNET`. */
export function requireAddressParams(value: unknown, name: string): void {
  requireFields(value, name, {
    name: "string",
    pubkeyHashPrefix: "number",
    scriptHashPrefix: "number",
    wifPrefix: "number",
    bech32Hrp: "string",
  });
}
