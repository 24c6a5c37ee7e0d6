/** Names of nodes on networks above the internet, as people write them: `….onion`, `….b32.i2p`. */
import { requireString } from "@chain/core/arguments";
import { sha3_256 } from "@noble/hashes/sha3.js";

/** A node of Tor or I2P. There is no way from here to call it, or to be called by it. */
export interface OverlayHost {
  readonly overlay: "onion" | "i2p";
  /** 32 bytes. */
  readonly address: Uint8Array;
  /** In small letters. */
  readonly host: string;
}

/**
 * The network above the internet whose ending a host's name has, in letters of any size, with or without the dot that
 * ends a full name. Such a name must never be asked of DNS (RFC 7686). Whether the name is well formed is another
 * question.
 * @returns undefined for an IP address and for a name of the internet
 * @example
 * overlayOf("Example.ONION.") // "onion"
 * overlayOf("127.0.0.1") // undefined
 */
export function overlayOf(host: string): OverlayHost["overlay"] | undefined {
  requireString(host, "host");

  const [, ending] = /\.(onion|i2p)\.?$/.exec(host.toLowerCase()) ?? [];
  return ending as OverlayHost["overlay"] | undefined;
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const ADDRESS_SIZE = 32;
const VERSION = 3;

/**
 * A name of Tor (version 3) or I2P. Core: CNetAddr::SetSpecial.
 * @returns undefined for anything else, such as a name with a wrong checksum
 */
export function parseOverlay(text: string): OverlayHost | undefined {
  const host = text.toLowerCase();
  // As in Core, the ending of Tor is in small letters.
  const [onion] = text.endsWith(".onion") ? (/^[a-z2-7]{56}(?=\.onion$)/.exec(host) ?? []) : [];
  if (onion !== undefined) {
    const bytes = decodeBase32(onion);
    const address = bytes.slice(0, ADDRESS_SIZE);
    const [first, second] = onionChecksum(address);
    const isGood = bytes[32] === first && bytes[33] === second && bytes[34] === VERSION;
    return isGood ? { overlay: "onion", address, host } : undefined;
  }
  const [, i2p] = /^([a-z2-7]{52})\.b32\.i2p$/.exec(host) ?? [];
  // The last letter has five bits, of which one belongs to the address.
  const isWhole = i2p !== undefined && (BASE32.indexOf(i2p.slice(-1)) & 15) === 0;
  return isWhole ? { overlay: "i2p", address: decodeBase32(i2p), host } : undefined;
}

/** The first two bytes of SHA3-256(".onion checksum" | address | version): rend-spec-v3 of Tor. */
function onionChecksum(address: Uint8Array): Uint8Array {
  const text = Uint8Array.from(".onion checksum", (letter) => letter.charCodeAt(0));
  return sha3_256(Uint8Array.from([...text, ...address, VERSION]));
}

/** RFC 4648 in small letters, without padding; bits that fill no byte are left out. */
function decodeBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let [bits, value, length] = [0, 0, 0];
  for (const letter of text) {
    value = ((value << 5) | BASE32.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = value >> bits;
  }
  return bytes;
}
