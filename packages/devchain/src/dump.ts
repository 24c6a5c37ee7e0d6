/** A chain as text, to be kept in a file. */
import {
  bytesToHex,
  hexToBytes,
  type Milliseconds,
  type OutpointKey,
  type Seconds,
  Transaction,
  type Txid,
} from "@chain/core";
import type { InProcessNode } from "@chain/fullnode";
import { z } from "zod";
import type { ClockState } from "./clock.ts";
import { DevChainError } from "./errors.ts";

const FORMAT = "chain-devchain-1";
const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const txid = z.string().regex(/^[0-9a-f]{64}$/);

/** A chain, as `dump` writes it. */
export interface DumpedState {
  readonly format: typeof FORMAT;
  readonly mnemonic: string;
  readonly accounts: number;
  readonly clock: ClockState;
  readonly blockInterval?: Seconds | undefined;
  /** Base units for 1,000 virtual bytes. */
  readonly feeRate?: string | undefined;
  /** Without the genesis block, in hex. */
  readonly blocks: readonly string[];
  readonly mempool: readonly { readonly transaction: string; readonly time: Milliseconds }[];
  /** Ids of transactions, and what is added to their fees in base units. */
  readonly deltas: readonly (readonly [string, string])[];
  /** Coins that may be spent without a signature. */
  readonly waivers: readonly string[];
}

const STATE: z.ZodType<DumpedState> = z.object({
  format: z.literal(FORMAT),
  mnemonic: z.string(),
  accounts: z.number().int().min(0).max(1_000),
  clock: z.object({
    time: z
      .number()
      .min(0)
      .max(0xffff_ffff * 1000),
    isStill: z.boolean(),
  }),
  blockInterval: z.number().int().min(0).optional(),
  feeRate: z
    .string()
    .regex(/^[0-9]{1,12}$/)
    .optional(),
  blocks: z.array(hex),
  mempool: z.array(z.object({ transaction: hex, time: z.number() })),
  deltas: z.array(z.tuple([txid, z.string().regex(/^-?[0-9]{1,16}$/)])),
  waivers: z.array(z.string().regex(/^[0-9a-f]{64}:[0-9]{1,10}$/)),
});

/** Facts about a chain that its node does not know. */
export interface DumpedFacts {
  readonly mnemonic: string;
  readonly accounts: number;
  readonly clock: ClockState;
  readonly blockInterval: Seconds | undefined;
  readonly feeRate: bigint | undefined;
  readonly waivers: readonly OutpointKey[];
}

/** The best chain, the mempool and these facts, as text. */
export async function dumpState({ chain }: InProcessNode, facts: DumpedFacts): Promise<string> {
  const blocks: string[] = [];
  for (let height = 1; height <= chain.tip.height; height++) {
    const hash = chain.headers.activeAt(height)?.hash;
    const raw = hash && (await chain.getRawBlock(hash));
    if (raw === undefined) throw new DevChainError("refused", `block ${height} can't be read`);
    blocks.push(bytesToHex(raw));
  }
  const { blockInterval, feeRate, waivers, ...others } = facts;
  const state: DumpedState = {
    format: FORMAT,
    ...others,
    ...(blockInterval !== undefined && { blockInterval }),
    ...(feeRate !== undefined && { feeRate: String(feeRate) }),
    blocks,
    mempool: [...chain.mempool.entries()].map(({ transaction, time }) => {
      return { transaction: bytesToHex(transaction.toBytes()), time };
    }),
    deltas: [...chain.mempool.feeDeltas()].map(([id, delta]) => [id, String(delta)]),
    waivers: [...waivers],
  };
  return JSON.stringify(state);
}

/** @throws DevChainError `usage` for any other text */
export function parseState(text: string): DumpedState {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DevChainError("usage", "the state is no JSON: dump() writes one", { cause: error });
  }
  const parsed = STATE.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "it";
  throw new DevChainError(
    "usage",
    `the state is none that dump() wrote: ${where}: ${issue?.message}`,
  );
}

/** Hands a node all that a state holds. @throws DevChainError `refused` where a rule says no */
export async function loadState({ chain }: InProcessNode, state: DumpedState): Promise<void> {
  for (const [i, block] of state.blocks.entries()) {
    const verdict = await chain.acceptBlock(hexToBytes(block), { requested: true });
    if (verdict.ok && verdict.connected) continue;
    const why = verdict.ok ? "it is not on the one before" : verdict.reason;
    throw new DevChainError("refused", `block ${i + 1} of the state is not valid: ${why}`);
  }
  for (const [id, delta] of state.deltas) {
    await chain.prioritiseTransaction(id as Txid, BigInt(delta));
  }
  for (const { transaction, time } of state.mempool) {
    const verdict = await chain.acceptTransaction(Transaction.fromBytes(hexToBytes(transaction)), {
      time,
    });
    if (verdict.ok) continue;
    throw new DevChainError("refused", `a transaction of the state: ${verdict.reason}`);
  }
}
