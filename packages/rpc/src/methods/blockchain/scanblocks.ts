import { type BlockHash, filterMatches, type HeaderNode } from "@chain/core";
import type { BlockFilterIndex, RunningIndex } from "@chain/indexes";
import { defineMethod, type Method } from "../../define/method.ts";
import { flag, hex, list as listOf, none, num, obj } from "../../define/result.ts";
import { boolean, integer, options, readBoolean, string } from "../../define/types.ts";
import {
  RPC_INTERNAL_ERROR,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RpcError,
} from "../../errors.ts";
import type { BlockScan, RpcHost } from "../../host.ts";
import type { Json } from "../../json/parse.ts";
import { BASIC, filterIndexOf, missingFilter } from "../blockFilters.ts";
import { blockOf, undoOf } from "../blocks.ts";
import { scanAction, scanObjects } from "../scanArguments.ts";
import { type NamedScripts, namedScripts } from "../scripts.ts";

/** Filters that are read at a time. */
const AT_ONCE = 100;
const EXAMPLE_ADDRESS = "addr(bcrt1q4u4nsgk6ug0sqz7r3rj9tykjxrsl0yy4d0wwte)";

interface Range {
  readonly first: HeaderNode;
  readonly last: HeaderNode;
}

export const scanblocks: Method = defineMethod({
  name: "scanblocks",
  category: "blockchain",
  description:
    "Return relevant blockhashes for given descriptors (requires blockfilterindex).\nThis call may take several minutes. Make sure to use no RPC timeout (chain-cli -rpcclienttimeout=0)",
  arguments: [
    scanAction,
    scanObjects,
    integer("start_height", { text: "Height to start to scan from", fallback: 0 }),
    integer("stop_height", { text: "Height to stop to scan", hint: "chain tip" }),
    string("filtertype", { text: "The type name of the filter", fallback: BASIC }),
    options(
      "options",
      [
        boolean("filter_false_positives", {
          text: "Filter false positives (slower and may fail on pruned nodes). Otherwise they may occur at a rate of 1/M",
          fallback: false,
        }),
      ],
      { text: "How to scan", optional: true, oneLine: "options" },
      // Core reads the fields that it knows.
      false,
    ),
  ],
  results: [
    { when: "when action=='status' and no scan is in progress", schema: none() },
    {
      when: "when action=='start'; only returns after scan completes",
      schema: obj({
        from_height: num("The height we started the scan from"),
        to_height: num("The height we ended the scan at"),
        relevant_blocks: listOf(
          hex("A relevant blockhash"),
          "Blocks that may have matched a scanobject",
        ),
        completed: flag("True if the scan process was not aborted"),
      }),
    },
    {
      when: "when action=='status' and a scan is in progress",
      schema: obj({
        progress: num("Approximate percent complete"),
        current_height: num("Height of the block currently being scanned"),
      }),
    },
    {
      when: "when action=='abort'",
      schema: flag("Whether there was a scan, which will be aborted"),
    },
  ],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "the action is none, or a scan is in progress" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "a descriptor or the type of filter is none" },
    {
      code: RPC_MISC_ERROR,
      when: "the index of filters is off, has not come so far, or has failed, or a height is none of the chain",
    },
    { code: RPC_INTERNAL_ERROR, when: "a filter is missing" },
  ],
  examples: [["start", [EXAMPLE_ADDRESS], 300_000], ["status"], ["abort"]],
  run: async (given, host, { signal }) => {
    const { action, scanobjects, filtertype } = given;
    const { blocks: current } = host.scans;
    if (action === "status") {
      return current === undefined
        ? null
        : { progress: current.progress, current_height: current.height };
    }
    if (action === "abort") {
      if (current !== undefined) current.isAborted = true;
      return current !== undefined;
    }
    if (action !== "start") {
      throw new RpcError(RPC_INVALID_PARAMETER, `Invalid action '${action}'`);
    }
    if (current !== undefined) {
      const message = 'Scan already in progress, use action "abort" or "status"';
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const index = filterIndexOf(host, filtertype);
    const range = rangeOf(host, given.start_height, given.stop_height);
    if (scanobjects === undefined) {
      const message = "scanobjects argument is required for the start action";
      throw new RpcError(RPC_MISC_ERROR, message);
    }
    const isExact = readBoolean(given.options?.["filter_false_positives"] ?? false);
    return start(host, { index, range, scanobjects, isExact, signal });
  },
});

function rangeOf({ chain }: RpcHost, start: number, stop: number | undefined): Range {
  const { headers } = chain;
  const first = start < 0 ? undefined : headers.activeAt(start);
  if (first === undefined) throw new RpcError(RPC_MISC_ERROR, "Invalid start_height");
  const last = stop === undefined ? headers.tip : stop < 0 ? undefined : headers.activeAt(stop);
  if (last === undefined || last.height < first.height) {
    throw new RpcError(RPC_MISC_ERROR, "Invalid stop_height");
  }
  return { first, last };
}

interface Question {
  readonly index: RunningIndex<BlockFilterIndex>;
  readonly range: Range;
  readonly scanobjects: readonly Json[];
  /** Whether blocks are read to tell those that only look as if they matched. */
  readonly isExact: boolean;
  readonly signal: { readonly aborted: boolean };
}

async function start(host: RpcHost, question: Question) {
  const { first, last } = question.range;
  const state: BlockScan = { progress: 0, height: first.height, isAborted: false };
  host.scans.blocks = state;
  try {
    const scripts = await namedScripts(question.scanobjects, host);
    const relevant: BlockHash[] = [];
    let isCompleted = true;
    for (let from = first.height; from <= last.height; from += AT_ONCE) {
      await new Promise<void>((go) => host.timers.after(0, go));
      if (state.isAborted || question.signal.aborted) {
        isCompleted = false;
        break;
      }
      const nodes = blocksBetween(last, from, Math.min(from + AT_ONCE - 1, last.height));
      for (const node of await matching(host, nodes, scripts, question)) relevant.push(node.hash);
      const done = nodes.at(-1)?.height ?? from;
      const all = last.height - first.height;
      state.height = done;
      state.progress = all > 0 ? Math.trunc((100 * (done - first.height)) / all) : 100;
    }
    return {
      from_height: first.height,
      to_height: state.height,
      relevant_blocks: relevant,
      completed: isCompleted,
    };
  } finally {
    host.scans.blocks = undefined;
  }
}

/** The ancestors of a block from one height to another. */
function blocksBetween(last: HeaderNode, from: number, to: number): readonly HeaderNode[] {
  const nodes: HeaderNode[] = [];
  let node = last.ancestor(to);
  for (; node !== undefined && node.height >= from; node = node.parent) nodes.push(node);
  return nodes.reverse();
}

/**
 * Those whose filters match; waits for the index where that is at the tip. Core: LookupFilterRange.
 * @throws RpcError -1 where the index has not come so far, or has failed; -32603
 */
async function matching(
  host: RpcHost,
  nodes: readonly HeaderNode[],
  scripts: NamedScripts,
  { index: running, isExact }: Question,
): Promise<readonly HeaderNode[]> {
  const isReady = await running.isCaughtUp();
  const filters = await running.index.filters(nodes.map(({ hash }) => hash));
  if (filters === undefined) throw missingFilter(running, isReady);
  const found: HeaderNode[] = [];
  for (const [i, filter] of filters.entries()) {
    const node = nodes[i];
    if (node === undefined || !filterMatches(filter, node.hash, scripts.all)) continue;
    if (!isExact || (await concerns(host, node, scripts))) found.push(node);
  }
  return found;
}

/** Whether a block has one of the scripts in its outputs or in the coins that it spends. Core: CheckBlockFilterMatches. */
async function concerns(host: RpcHost, node: HeaderNode, scripts: NamedScripts): Promise<boolean> {
  const { transactions } = await blockOf(host, node);
  const isNamed = ({ scriptPubKey }: { readonly scriptPubKey: Uint8Array }) =>
    scripts.has(scriptPubKey);
  if (transactions.some(({ outputs }) => outputs.some(isNamed))) return true;
  const undo = (await undoOf(host, node.hash)) ?? [];
  return undo.some((coins) => coins.some(isNamed));
}
