import {
  type Coin,
  CoreError,
  hexToBytes,
  idToBytes,
  type Outpoint,
  Reader,
  type Txid,
  Writer,
  writeOutput,
} from "@chain/core";
import { describeScript } from "../describe/script.ts";
import type { RpcHost } from "../host.ts";
import { coinsNumber } from "../json/number.ts";
import { badRequest, type Format, inFormat, noFormat, type Resource } from "./answer.ts";
import { hashOf, readUnsigned } from "./read.ts";

/** Core: MAX_GETUTXOS_OUTPOINTS. */
const MAX_OUTPOINTS = 15;
/** Outpoints that a body may announce before they are counted: more than any that is answered. */
const MAX_READ = 1_000_000;
const MAX_UINT32 = 0xffff_ffff;
/** The height of a coin that no block has yet. Core: MEMPOOL_HEIGHT. */
const MEMPOOL_HEIGHT = 0x7fff_ffff;

interface Asked {
  readonly usesMempool: boolean;
  readonly outpoints: readonly Outpoint[];
}

/**
 * `/rest/getutxos[/checkmempool]/TXID-N/TXID-N….EXT`, or a body of that form in binary or hex (BIP-0064): which outputs
 * are unspent. Core: rest_getutxos.
 */
export const unspentOutputs: Resource = async ({ host, rest, format, body }) => {
  const { usesMempool, outpoints } = readAsked(rest, format, body);
  if (outpoints.length > MAX_OUTPOINTS) {
    const counts = `(max: ${MAX_OUTPOINTS}, tried: ${outpoints.length})`;
    throw badRequest(`Error: max outpoints exceeded ${counts}`);
  }
  const { chain } = host;
  // One state of the chain for all of it.
  const { tip, found } = await chain.run(async () => ({
    tip: chain.tip,
    found: await unspent(host, outpoints, usesMempool),
  }));
  const coins = found.filter((coin) => coin !== undefined);
  return inFormat(format, {
    bytes: () => {
      const writer = new Writer().i32(tip.height).bytes(idToBytes(tip.hash));
      writer.varBytes(bitmapOf(found)).compactSize(coins.length);
      for (const coin of coins) writeOutput(writer.u32(0).u32(coin.height), coin);
      return writer.finish();
    },
    json: () => ({
      chainHeight: tip.height,
      chaintipHash: tip.hash,
      bitmap: found.map((coin) => (coin === undefined ? "0" : "1")).join(""),
      utxos: coins.map(({ height, value, scriptPubKey }) => ({
        height,
        value: coinsNumber(value),
        scriptPubKey: describeScript(scriptPubKey, chain.params),
      })),
    }),
  });
};

/** @throws RestError 400 */
function readAsked(rest: string, format: Format, body: Uint8Array): Asked {
  const parts = rest.length > 1 ? rest.slice(1).split("/") : [];
  if (body.length === 0 && parts.length === 0) throw badRequest("Error: empty request");
  const isInAddress = parts.length > 0;
  const asked = isInAddress ? readAddress(parts) : { usesMempool: false, outpoints: [] };
  if (format === undefined) throw noFormat();
  if (format === "json") {
    if (!isInAddress) throw badRequest("Error: empty request");
    return asked;
  }
  const raw = format === "hex" ? bytesOfHex(body) : body;
  if (raw.length === 0) return asked;
  if (!isInAddress) return readBody(raw);
  throw badRequest("Combination of URI scheme inputs and raw post data is not allowed");
}

function readAddress(parts: readonly string[]): Asked {
  const usesMempool = parts[0] === "checkmempool";
  const outpoints = (usesMempool ? parts.slice(1) : parts).map((part) => {
    const [name = "", number = "", ...more] = part.split("-");
    const txid = hashOf<Txid>(name);
    const vout = readUnsigned(number, MAX_UINT32);
    if (txid === undefined || vout === undefined || more.length > 0)
      throw badRequest("Parse error");
    return { txid, vout };
  });
  if (outpoints.length === 0) throw badRequest("Error: empty request");
  return { usesMempool, outpoints };
}

function readBody(raw: Uint8Array): Asked {
  try {
    const reader = new Reader(raw);
    const usesMempool = reader.u8() !== 0;
    const count = reader.compactSize(MAX_READ);
    const outpoints: Outpoint[] = [];
    while (outpoints.length < count) {
      outpoints.push({ txid: reader.hash<Txid>(), vout: reader.u32() });
    }
    return { usesMempool, outpoints };
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    throw badRequest("Parse error", error);
  }
}

/** Bytes that a text has in hex, with spaces between them; none where it is no hex. Core: ParseHex. */
function bytesOfHex(body: Uint8Array): Uint8Array {
  const text = Array.from(body, (byte) => String.fromCharCode(byte)).join("");
  const hex = text.replace(/[ \f\n\r\t\v]+/g, "");
  return /^(?:[0-9a-fA-F]{2})*$/.test(hex) ? hexToBytes(hex) : new Uint8Array(0);
}

async function unspent(
  { chain }: RpcHost,
  outpoints: readonly Outpoint[],
  usesMempool: boolean,
): Promise<readonly (Coin | undefined)[]> {
  const confirmed = await chain.getCoins(outpoints);
  if (!usesMempool) return confirmed;
  const { mempool } = chain;
  return outpoints.map((outpoint, i) => {
    if (mempool.spenderOf(outpoint) !== undefined) return undefined;
    return mempool.coin(outpoint, MEMPOOL_HEIGHT) ?? confirmed[i];
  });
}

function bitmapOf(found: readonly unknown[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(found.length / 8));
  for (const [i, coin] of found.entries()) {
    if (coin !== undefined) bitmap[i >> 3] = (bitmap[i >> 3] as number) | (1 << (i & 7));
  }
  return bitmap;
}
