import type { Seconds } from "@chain/core";
import { argument } from "../../define/argument.ts";
import type { Method } from "../../define/method.ts";
import { anything, flag, list as listOf, maybe, obj, text } from "../../define/result.ts";
import { any, boolean, integer, list, object, readInteger, string } from "../../define/types.ts";
import {
  RPC_MISC_ERROR,
  RPC_TYPE_ERROR,
  RPC_WALLET_ERROR,
  RPC_WALLET_UNLOCK_NEEDED,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { type Json, typeName } from "../../json/parse.ts";
import { headerOf } from "../../methods/blocks.ts";
import { EXAMPLE_DESCRIPTOR, rangeType } from "../../methods/descriptors.ts";
import type { RpcWallet, ScanResult } from "../host.ts";
import { lastBlock } from "../lastBlock.ts";
import { requireUnlocked, walletMethod } from "../method.ts";
import { type ImportOutcome, importDescriptor } from "./importDescriptor.ts";

const BUSY = "Wallet is currently rescanning. Abort existing rescan or wait.";
/** Clocks of miners may be so wrong. Core: TIMESTAMP_WINDOW. */
const WINDOW: Seconds = 2 * 60 * 60;
const INT64 = [-(1n << 63n), (1n << 63n) - 1n] as const;

export const importdescriptors: Method = walletMethod({
  name: "importdescriptors",
  description:
    'Import descriptors. This will trigger a rescan of the blockchain based on the earliest timestamp of all descriptors being imported. Requires a new wallet backup.\nWhen importing descriptors with multipath key expressions, if the multipath specifier contains exactly two elements, the descriptor produced from the second element will be imported as an internal descriptor.\n\nNote: This call can take over an hour to complete if using an early timestamp; during that time, other rpc calls\nmay report that the imported keys, addresses or scripts exist but related transactions are still missing.\nThe rescan is significantly faster if block filters are available (using startup option "-blockfilterindex=1").',
  arguments: [
    list(
      "requests",
      object(
        "request",
        [
          string("desc", { text: "Descriptor to import." }),
          boolean("active", {
            text: "Set this descriptor to be the active descriptor for the corresponding output type/externality",
            fallback: false,
          }),
          argument("range", rangeType, {
            text: "If a ranged descriptor is used, this specifies the end or the range (in the form [begin,end]) to import",
            optional: true,
          }),
          integer("next_index", {
            text: "If a ranged descriptor is set to active, this specifies the next index to generate addresses from",
            optional: true,
          }),
          any("timestamp", {
            text: 'Time from which to start rescanning the blockchain for this descriptor, in seconds since 1970\nUse the string "now" to substitute the current synced blockchain time.\n"now" can be specified to bypass scanning, for outputs which are known to never have been used, and\n0 can be specified to scan the entire blockchain. Blocks up to 2 hours before the earliest timestamp\nof all descriptors being imported will be scanned as well as the mempool.',
          }),
          boolean("internal", {
            text: "Whether matching outputs should be treated as not incoming payments (e.g. change)",
            fallback: false,
          }),
          string("label", {
            text: "Label to assign to the address, only allowed with internal=false. Disabled for ranged descriptors",
            fallback: "",
          }),
        ],
        { text: "A descriptor" },
      ),
      { text: "Data to be imported", oneLine: "requests" },
    ),
  ],
  results: [
    {
      schema: listOf(
        obj({
          success: flag("Whether the descriptor is in the wallet"),
          warnings: maybe(listOf(text("A warning"), "The faults that it may have")),
          error: maybe(anything("The code and the message of an error")),
        }),
        "Response is an array with the same size as the input that has the execution result",
      ),
    },
  ],
  errors: [
    { code: RPC_WALLET_ERROR, when: "a scan is under way" },
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
    { code: RPC_TYPE_ERROR, when: "a timestamp is missing, or none" },
    { code: RPC_MISC_ERROR, when: "the scan was aborted" },
  ],
  examples: [[[{ desc: EXAMPLE_DESCRIPTOR, timestamp: 1_455_191_478, internal: true }]]],
  run: async ({ requests }, wallet, { host }) => {
    if (wallet.rescans.current() !== undefined) throw new RpcError(RPC_WALLET_ERROR, BUSY);
    requireUnlocked(wallet);
    const tip = headerOf(host, lastBlock(wallet.ledger).hash);
    const now = tip.medianTimePast;
    let lowest: Seconds = tip.header.time;
    const outcomes: (ImportOutcome & { readonly timestamp: Seconds })[] = [];
    try {
      for (const request of requests) {
        const timestamp = timestampOf(request, now);
        const outcome = importDescriptor(request, Math.max(timestamp, 1), wallet, host);
        outcomes.push({ ...outcome, timestamp });
        lowest = Math.min(lowest, Math.max(timestamp, 1));
      }
    } finally {
      await wallet.derive();
      await wallet.save();
    }
    if (!outcomes.some(({ success }) => success)) return outcomes.map(answerOf);
    const scannedFrom = await scanFrom(lowest, wallet, host);
    await wallet.resubmit();
    return outcomes.map((each) => {
      // All blocks were read, or all that are as young as its keys.
      const isScanned = scannedFrom <= Math.max(lowest, each.timestamp) || each.error !== undefined;
      return isScanned ? answerOf(each) : notScanned(each.timestamp, scannedFrom);
    });
  },
});

function answerOf({ success, warnings, error }: ImportOutcome) {
  return {
    success,
    ...(error !== undefined && { error }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Core: GetImportTimestamp. @throws RpcError -3 */
function timestampOf(request: { readonly [name: string]: Json }, now: Seconds): Seconds {
  if (!Object.hasOwn(request, "timestamp")) {
    throw new RpcError(RPC_TYPE_ERROR, "Missing required timestamp field for key");
  }
  const value = request["timestamp"] ?? null;
  if (value === "now") return now;
  if (typeName(value) === "number") return Number(readInteger(value, ...INT64));
  const message = `Expected number or "now" timestamp value for key. got type ${typeName(value)}`;
  throw new RpcError(RPC_TYPE_ERROR, message);
}

/**
 * Looks for payments from some time on. Core: RescanFromTime.
 * @returns the time from which on all blocks were read
 * @throws RpcError -1 where it was aborted
 */
async function scanFrom(time: Seconds, wallet: RpcWallet, { chain }: RpcHost): Promise<Seconds> {
  const { headers } = chain;
  let first = 0;
  // The first block that is so young: all before it are older.
  while (first <= headers.tip.height) {
    const node = headers.activeAt(first);
    if (node === undefined || node.header.time >= time - WINDOW) break;
    first++;
  }
  if (first > headers.tip.height) return time;
  const result = await wallet.rescans.scan(first);
  if (result === undefined) throw new RpcError(RPC_WALLET_ERROR, BUSY);
  if (result.status === "aborted") {
    throw new RpcError(RPC_MISC_ERROR, "Rescan aborted by user.");
  }
  return result.status === "failed" ? latestUpTo(result, chain) + WINDOW + 1 : time;
}

/** The latest time of the blocks up to the last that could not be read. Core: FoundBlock::maxTime. */
function latestUpTo({ failedHeight = 0 }: ScanResult, { headers }: RpcHost["chain"]): Seconds {
  let latest = 0;
  for (let height = 0; height <= failedHeight; height++) {
    latest = Math.max(latest, headers.activeAt(height)?.header.time ?? 0);
  }
  return latest;
}

function notScanned(timestamp: Seconds, scannedFrom: Seconds) {
  const failed = scannedFrom - WINDOW - 1;
  const message = `Rescan failed for descriptor with timestamp ${timestamp}. There was an error reading a block from time ${failed}, which is after or within ${WINDOW} seconds of key creation, and could contain transactions pertaining to the desc. As a result, transactions and coins using this desc may not appear in the wallet. This error could be caused by pruning or data corruption (see bitcoind log for details) and could be dealt with by downloading and rescanning the relevant blocks (see -reindex option and rescanblockchain RPC).`;
  return { success: false, error: { code: RPC_MISC_ERROR, message } };
}
