/** Bytes to messages: what one peer can make us do in a second. Run with `pnpm bench wire`. */
import { type HashId, regtest } from "@chain/core";
import { Bench } from "tinybench";
import { Deframer } from "../src/deframer.ts";
import { frameMessage, frameRaw } from "../src/frame.ts";
import { decodePayload, encodePayload, type Message } from "../src/messages/registry.ts";

const { magic } = regtest;

/** So many frames one after another, in the pieces that sockets hand out. */
function stream(frame: Uint8Array, count: number, pieceSize = 64 * 1024): Uint8Array[] {
  const all = new Uint8Array(frame.length * count);
  for (let i = 0; i < count; i++) all.set(frame, i * frame.length);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += pieceSize) pieces.push(all.subarray(at, at + pieceSize));
  return pieces;
}

const items = Array.from({ length: 1_000 }, (_, i) => ({
  type: 1,
  hash: i.toString(16).padStart(64, "0") as HashId,
}));
const inv: Message = { command: "inv", items };
const invPayload = encodePayload(inv);
const headers: Message = {
  command: "headers",
  headers: Array.from({ length: 2_000 }, () => regtest.genesis.header),
};
const headersPayload = encodePayload(headers);
const block = frameRaw(magic, "block", new Uint8Array(1_000_000));

interface Case {
  readonly name: string;
  /** Of what the rates count: frames or messages, and their bytes. */
  readonly units: number;
  readonly bytes: number;
  readonly run: () => void;
}

function deframing(name: string, frame: Uint8Array, count: number, pieceSize?: number): Case {
  const pieces = stream(frame, count, pieceSize);
  const run = () => {
    const deframer = new Deframer(magic);
    for (const piece of pieces) deframer.push(piece);
  };
  return { name: `deframe ${name}`, units: count, bytes: frame.length * count, run };
}

const cases: readonly Case[] = [
  deframing("verack", frameMessage(magic, { command: "verack" }), 1_000),
  deframing("ping", frameMessage(magic, { command: "ping", nonce: 1n }), 1_000),
  deframing("inv of 1,000", frameMessage(magic, inv), 20),
  deframing("block of 1 MB", block, 2),
  deframing("block of 1 MB, byte by byte", block, 1, 1),
  deframing("unknown command, 1 MB", frameRaw(magic, "novelty", new Uint8Array(1_000_000)), 2),
  {
    name: "decode inv of 1,000",
    units: 1,
    bytes: invPayload.length,
    run: () => decodePayload("inv", invPayload),
  },
  {
    name: "decode headers of 2,000 (hashes included)",
    units: 1,
    bytes: headersPayload.length,
    run: () => decodePayload("headers", headersPayload),
  },
  {
    name: "encode and frame inv of 1,000",
    units: 1,
    bytes: invPayload.length,
    run: () => frameMessage(magic, inv),
  },
];

const bench = new Bench({ time: 500 });
for (const { name, run } of cases) bench.add(name, run);
await bench.run();
console.table(
  cases.map(({ name, units, bytes }) => {
    const result = bench.getTask(name)?.result;
    if (result === undefined || !("throughput" in result)) return { name };
    const rate = result.throughput.mean;
    return {
      name,
      "messages/s": Math.round(rate * units).toLocaleString("en"),
      "MB/s": ((rate * bytes) / 1e6).toFixed(1),
    };
  }),
);
