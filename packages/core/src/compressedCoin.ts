/** Coins as Bitcoin Core writes them down: in its coins database, and in a snapshot of all coins. Core: compressor.cpp. */
import * as secp256k1 from "@noble/secp256k1";
import { requireInteger } from "./arguments.ts";
import { concatBytes } from "./bytes.ts";
import type { Coin } from "./coin.ts";
import type { Reader } from "./encoding/reader.ts";
import type { Writer } from "./encoding/writer.ts";
import { CoreError } from "./errors.ts";
import { Opcode } from "./script/opcodes.ts";
import { MAX_SCRIPT_SIZE } from "./script/script.ts";
import { requireCoin, requireReader, requireWriter } from "./shapes.ts";

/** Kinds of scripts that have a short form; the size of any other is written plus this. Core: nSpecialScripts. */
const SPECIAL_SCRIPTS = 6;
const MAX_U32 = 0xffff_ffffn;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/**
 * Writes a coin in Core's short form: height and coinbase flag, amount, script. Core: Coin::Serialize.
 * @example
 * const writer = new Writer();
 * writeCompressedCoin(writer, { ...coin, scriptPubKey: p2pkhScript(new Uint8Array(20)) });
 * writer.length // 23: one byte each of height and amount, 21 of the script
 */
export function writeCompressedCoin(writer: Writer, coin: Coin): void {
  requireWriter(writer, "writer");
  requireCoin(coin, "coin");
  requireInteger(coin.height, "coin.height", 0);

  writeVarInt(writer, BigInt(coin.height) * 2n + (coin.coinbase ? 1n : 0n));
  writeVarInt(writer, compressAmount(coin.value));
  const short = compressScript(coin.scriptPubKey);
  if (short !== undefined) {
    writer.bytes(short);
    return;
  }
  writeVarInt(writer, BigInt(coin.scriptPubKey.length + SPECIAL_SCRIPTS));
  writer.bytes(coin.scriptPubKey);
}

/**
 * Reads a coin in Core's short form. The amount may be any number of 64 bits with a sign, which the caller has to check.
 * A script longer than 10,000 bytes, which nobody can spend, becomes OP_RETURN. Core: Coin::Unserialize.
 * @throws CoreError `truncated`; `out-of-range` for a number that is too long
 * @example
 * const writer = new Writer();
 * writeCompressedCoin(writer, coin);
 * readCompressedCoin(new Reader(writer.finish())) // coin
 */
export function readCompressedCoin(reader: Reader): Coin {
  requireReader(reader, "reader");

  const code = Number(readVarInt(reader, MAX_U32));
  const value = decompressAmount(readVarInt(reader, MAX_U64));
  const scriptPubKey = readScript(reader);
  return { value, scriptPubKey, height: Math.floor(code / 2), coinbase: code % 2 === 1 };
}

function readScript(reader: Reader): Uint8Array {
  const size = Number(readVarInt(reader, MAX_U32));
  if (size < SPECIAL_SCRIPTS) return decompressScript(size, reader.take(size < 2 ? 20 : 32));
  const length = size - SPECIAL_SCRIPTS;
  if (length <= MAX_SCRIPT_SIZE) return reader.take(length).slice();
  reader.skip(length);
  return Uint8Array.of(Opcode.OP_RETURN);
}

/** Seven bits a byte, the highest first; each but the last byte counts one more than it says. Core: WriteVarInt. */
function writeVarInt(writer: Writer, value: bigint): void {
  const bytes: number[] = [];
  for (let rest = value, more = 0; ; rest = (rest >> 7n) - 1n, more = 0x80) {
    bytes.push(Number(rest & 0x7fn) | more);
    if (rest <= 0x7fn) break;
  }
  for (const byte of bytes.reverse()) writer.u8(byte);
}

/** Core: ReadVarInt. */
function readVarInt(reader: Reader, max: bigint): bigint {
  let value = 0n;
  while (true) {
    if (value > max >> 7n) throw tooLarge();
    const byte = reader.u8();
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte < 0x80) return value;
    if (value === max) throw tooLarge();
    value += 1n;
  }
}

function tooLarge(): CoreError {
  return new CoreError("out-of-range", "ReadVarInt(): size too large");
}

/** Takes the zeros at the end out, because most amounts have many. Core: CompressAmount. */
function compressAmount(value: bigint): bigint {
  if (value === 0n) return 0n;
  let [n, zeros] = [value, 0n];
  while (n % 10n === 0n && zeros < 9n) {
    n /= 10n;
    zeros++;
  }
  if (zeros === 9n) return 1n + (n - 1n) * 10n + 9n;
  return 1n + ((n / 10n) * 9n + (n % 10n) - 1n) * 10n + zeros;
}

/** Core: DecompressAmount, whose numbers wrap at 64 bits, and which are then read as a CAmount. */
function decompressAmount(compressed: bigint): bigint {
  if (compressed === 0n) return 0n;
  const x = compressed - 1n;
  const zeros = x % 10n;
  const rest = x / 10n;
  const n = zeros < 9n ? (rest / 9n) * 10n + (rest % 9n) + 1n : rest + 1n;
  return BigInt.asIntN(64, n * 10n ** zeros);
}

/** The short form of a script that has one. Core: CompressScript. */
function compressScript(script: Uint8Array): Uint8Array | undefined {
  const [first, second, third] = script;
  const last = script.at(-1);
  switch (script.length) {
    case 25: {
      const isP2pkh =
        first === Opcode.OP_DUP &&
        second === Opcode.OP_HASH160 &&
        third === 20 &&
        script[23] === Opcode.OP_EQUALVERIFY &&
        last === Opcode.OP_CHECKSIG;
      return isP2pkh ? concatBytes(Uint8Array.of(0), script.subarray(3, 23)) : undefined;
    }
    case 23: {
      const isP2sh = first === Opcode.OP_HASH160 && second === 20 && last === Opcode.OP_EQUAL;
      return isP2sh ? concatBytes(Uint8Array.of(1), script.subarray(2, 22)) : undefined;
    }
    case 35: {
      const isKey = first === 33 && last === Opcode.OP_CHECKSIG && (second === 2 || second === 3);
      return isKey ? script.slice(1, 34) : undefined;
    }
    case 67: {
      if (first !== 65 || last !== Opcode.OP_CHECKSIG || second !== 4) return undefined;
      // A point that is not on the curve could not be made again from its x.
      if (!isPoint(script.subarray(1, 66))) return undefined;
      const parity = (script[65] ?? 0) & 1;
      return concatBytes(Uint8Array.of(4 | parity), script.subarray(2, 34));
    }
    default:
      return undefined;
  }
}

/** Core: DecompressScript. A point that is not on the curve leaves an empty script. */
function decompressScript(kind: number, data: Uint8Array): Uint8Array {
  const { OP_DUP, OP_HASH160, OP_EQUALVERIFY, OP_EQUAL, OP_CHECKSIG } = Opcode;
  switch (kind) {
    case 0: {
      const start = Uint8Array.of(OP_DUP, OP_HASH160, 20);
      return concatBytes(start, data, Uint8Array.of(OP_EQUALVERIFY, OP_CHECKSIG));
    }
    case 1:
      return concatBytes(Uint8Array.of(OP_HASH160, 20), data, Uint8Array.of(OP_EQUAL));
    case 2:
    case 3:
      return concatBytes(Uint8Array.of(33, kind), data, Uint8Array.of(OP_CHECKSIG));
    default: {
      const key = uncompressed(concatBytes(Uint8Array.of(kind - 2), data));
      if (key === undefined) return new Uint8Array(0);
      return concatBytes(Uint8Array.of(65), key, Uint8Array.of(OP_CHECKSIG));
    }
  }
}

function isPoint(key: Uint8Array): boolean {
  return uncompressed(key) !== undefined;
}

function uncompressed(key: Uint8Array): Uint8Array | undefined {
  try {
    return secp256k1.Point.fromBytes(key).toBytes(false);
  } catch {
    return undefined;
  }
}
