/** Methods of headers and blocks. ElectrumX: session.py. */
import { bytesToHex, type HeaderNode } from "@chain/core";
import { ask, type Call, type Method, readHeight } from "../call.ts";
import { badRequest } from "../errors.ts";
import { compareVersions } from "../version.ts";

/** Headers of one answer. */
const MAX_HEADERS = 2016;
/** From here on headers are a list, and no text of all of them. */
const LISTS = [1, 6];

/** A header, as subscribers hear of it. */
export interface HeaderResult {
  readonly hex: string;
  readonly height: number;
}

export function headerResult({ header, height }: HeaderNode): HeaderResult {
  return { hex: bytesToHex(header.toBytes()), height };
}

export const BLOCK_METHODS: Readonly<Record<string, Method>> = {
  "blockchain.headers.subscribe": {
    // Clients of protocol 1.2 ask for raw headers, which are the only ones since.
    params: ["raw"],
    required: 0,
    isRead: true,
    run: ({ host, caller }) => {
      caller.watchHeaders();
      return headerResult(host.chain.tip);
    },
  },
  "blockchain.block.header": {
    params: ["height", "cp_height"],
    required: 1,
    isRead: true,
    run: (call) => {
      const [height, checkpoint] = [readHeight(call.args[0]), readHeight(call.args[1] ?? 0)];
      const header = hexAt(height, call);
      return checkpoint === 0 ? header : { header, ...proof(height, checkpoint, call) };
    },
  },
  "blockchain.block.headers": {
    params: ["start_height", "count", "cp_height"],
    required: 2,
    isRead: true,
    run: (call) => {
      const [start = 0, wanted = 0] = [readHeight(call.args[0]), readHeight(call.args[1])];
      const checkpoint = readHeight(call.args[2] ?? 0);
      const left = Math.max(0, call.host.chain.tip.height + 1 - start);
      const count = Math.min(wanted, MAX_HEADERS, left);
      const headers = Array.from({ length: count }, (_, i) => hexAt(start + i, call));
      const proven =
        count > 0 && checkpoint > 0 ? proof(start + count - 1, checkpoint, call) : undefined;
      const isList = compareVersions(call.caller.version, LISTS) >= 0;
      return {
        ...(isList ? { headers } : { hex: headers.join("") }),
        count,
        max: MAX_HEADERS,
        ...proven,
      };
    },
  },
  /** Sparrow's: Bitcoin Core's getblockstats. */
  "blockchain.block.stats": {
    params: ["height"],
    required: 1,
    run: (call) => ask(call, "getblockstats", [readHeight(call.args[0])]),
  },
};

function hexAt(height: number, { host: { chain } }: Call): string {
  const node = chain.headers.activeAt(height);
  if (node === undefined) throw badRequest(`height ${grouped(height)} out of range`);
  return bytesToHex(node.header.toBytes());
}

function proof(height: number, checkpoint: number, { host: { chain }, proofs }: Call) {
  const most = chain.tip.height;
  if (height > checkpoint || checkpoint > most) {
    const order = `header height ${grouped(height)} <= cp_height ${grouped(checkpoint)}`;
    throw badRequest(`require ${order} <= chain height ${grouped(most)}`);
  }
  return proofs.prove(height, checkpoint);
}

/** As Python writes it with `:,d`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
