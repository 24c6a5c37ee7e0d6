/** Why a text is no address, in Core's words. Core: DecodeDestination (key_io.cpp). */
import { type ChainParams, sha256 } from "@chain/core";
import { base58, bech32, bech32m, createBase58check } from "@scure/base";

/** Longest text without its checksum that Core takes for base58. */
const MAX_BASE58 = 100;

/** @param text that `decodeAddress` refuses */
export function addressError(text: string, params: ChainParams): string {
  const { bech32Hrp: hrp, pubkeyHashPrefix, scriptHashPrefix } = params;
  if (text.slice(0, hrp.length).toLowerCase() === hrp) return bech32Error(text, hrp);
  const payload = decodeBase58Check(text);
  if (payload !== undefined && payload.length <= 21) {
    const isKnown = payload[0] === pubkeyHashPrefix || payload[0] === scriptHashPrefix;
    return isKnown
      ? "Invalid length for Base58 address (P2PKH or P2SH)"
      : "Invalid or unsupported Base58-encoded address.";
  }
  return isBase58(text)
    ? "Invalid checksum or length of Base58 address (P2PKH or P2SH)"
    : "Invalid or unsupported Segwit (Bech32) or Base58 encoding.";
}

/** @returns `undefined` where the checksum does not match, or there is none */
function decodeBase58Check(text: string): Uint8Array | undefined {
  if (text.length > MAX_BASE58) return undefined;
  try {
    return createBase58check(sha256).decode(text);
  } catch {
    return undefined;
  }
}

function isBase58(text: string): boolean {
  try {
    return base58.decode(text).length <= MAX_BASE58;
  } catch {
    return false;
  }
}

function bech32Error(text: string, hrp: string): string {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) {
    return "Invalid character or mixed case";
  }
  const lower = text.toLowerCase();
  const [plain, modified] = [bech32.decodeUnsafe(lower), bech32m.decodeUnsafe(lower)];
  const decoded = plain ?? modified;
  if (decoded === undefined) return shapeError(lower);
  const [version, ...words] = decoded.words;
  if (version === undefined) return "Empty Bech32 data section";
  if (decoded.prefix !== hrp) {
    return `Invalid or unsupported prefix for Segwit (Bech32) address (expected ${hrp}, got ${decoded.prefix}).`;
  }
  if (version === 0 && plain === undefined)
    return "Version 0 witness address must use Bech32 checksum";
  if (version !== 0 && modified === undefined) {
    return "Version 1+ witness address must use Bech32m checksum";
  }
  const program = bech32.fromWordsUnsafe(words);
  if (program === undefined) return "Invalid padding in Bech32 data section";
  const size = `(${program.length} ${program.length === 1 ? "byte" : "bytes"})`;
  if (version === 0) return `Invalid Bech32 v0 address program size ${size}, per BIP141`;
  if (version > 16) return "Invalid Bech32 address witness version";
  return `Invalid Bech32 address program size ${size}`;
}

/** Core: bech32::LocateErrors, which also guesses where the mistake is. */
function shapeError(text: string): string {
  const separator = text.lastIndexOf("1");
  if (text.length > 90) return "Bech32 string too long";
  if (separator < 1) return "Missing separator";
  if (separator + 7 > text.length) return "Invalid separator position";
  if (!/^[02-9ac-hj-np-z]+$/.test(text.slice(separator + 1))) return "Invalid Base 32 character";
  return "Invalid Bech32 checksum";
}
