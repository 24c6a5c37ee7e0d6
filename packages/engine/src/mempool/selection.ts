import { feeForSize } from "@chain/core";
import { type MempoolEntry, paysMore, relatives } from "./entry.ts";
import { Heap } from "./heap.ts";

/** Failures in a row after which a nearly full block is taken for full. Core: MAX_CONSECUTIVE_FAILURES. */
const MAX_FAILURES = 1000;

interface Package {
  readonly entry: MempoolEntry;
  /** Of the entry and its ancestors that are not chosen yet. */
  readonly fees: bigint;
  readonly size: number;
}

/** Transactions that a block takes together, because the last one spends outputs of those before it. */
export interface ChosenPackage {
  /** Parents before children. */
  readonly entries: readonly MempoolEntry[];
  /** Base units, with what an operator has added. */
  readonly fees: bigint;
}

/** The transactions for a block; see `selectPackages`. */
export function selectTransactions(
  ...of: Parameters<typeof selectPackages>
): readonly MempoolEntry[] {
  return [...selectPackages(...of)].flatMap(({ entries }) => entries);
}

/**
 * Chooses transactions for a block: always the one that, with the ancestors it still needs, pays most for each byte, up
 * to those that count as paying less than nothing. Parents stand before children. Core: BlockAssembler::addPackageTxs.
 * @param limits the room that the transactions may take together, beside the coinbase, and the fee rate below which
 *   none is taken; default 0
 */
export function* selectPackages(
  entries: Iterable<MempoolEntry>,
  limits: { readonly weight: number; readonly sigopCost: number; readonly minFeeRate?: bigint },
): Generator<ChosenPackage> {
  const chosen = new Set<MempoolEntry>();
  const latest = new Map<MempoolEntry, Package>();
  for (const entry of entries) {
    latest.set(entry, { entry, fees: entry.ancestors.fees, size: entry.ancestors.size });
  }
  const heap = new Heap(isBefore, latest.values());

  const { minFeeRate = 0n } = limits;
  let { weight, sigopCost } = limits;
  let failures = 0;
  for (let best = heap.pop(); best !== undefined; best = heap.pop()) {
    if (latest.get(best.entry) !== best || chosen.has(best.entry)) continue; // outdated
    if (best.fees < feeForSize(minFeeRate, best.size)) break;
    const group = missingAncestors(best.entry, chosen);
    const groupWeight = group.reduce((sum, { transaction }) => sum + transaction.weight, 0);
    const groupCost = group.reduce((sum, entry) => sum + entry.sigopCost, 0);
    if (groupWeight > weight || groupCost > sigopCost) {
      failures++;
      if (failures > MAX_FAILURES && weight < limits.weight / 1000) break;
      continue;
    }
    failures = 0;
    weight -= groupWeight;
    sigopCost -= groupCost;
    for (const entry of group) {
      chosen.add(entry);
      for (const descendant of relatives(entry.children, "children")) {
        const before = latest.get(descendant);
        if (before === undefined || chosen.has(descendant)) continue;
        const { fees, size } = before;
        const pack = { entry: descendant, fees: fees - entry.modifiedFee, size: size - entry.size };
        latest.set(descendant, pack);
        heap.push(pack);
      }
    }
    yield { entries: group, fees: best.fees };
  }
}

/** Ties go to the one that came first, so that equal mempools make equal blocks. */
function isBefore(a: Package, b: Package): boolean {
  if (paysMore(a, b)) return true;
  if (paysMore(b, a)) return false;
  return a.entry.sequence < b.entry.sequence;
}

/** The entry and its ancestors that are not chosen yet, parents first. */
function missingAncestors(
  entry: MempoolEntry,
  chosen: ReadonlySet<MempoolEntry>,
): readonly MempoolEntry[] {
  const group = new Set([entry]);
  for (const each of group) {
    for (const parent of each.parents) if (!chosen.has(parent)) group.add(parent);
  }
  return [...group].sort((a, b) => a.sequence - b.sequence);
}
