import {
  type Block,
  type BlockHash,
  type ChainParams,
  type HeaderTree,
  isUnspendable,
  type Outpoint,
  outpointKey,
  type Refusal,
  type ScriptFlags,
  type Sha256,
  scriptFlags,
  scriptsAssumedValid,
  type Transaction,
  type Txid,
  type TxOutput,
} from "@chain/core";
import type { ChainStore } from "@chain/storage";
import type { ScriptJob } from "../ports.ts";
import { checkAlone } from "./checkBody.ts";
import type { RawBlock } from "./rawBlock.ts";
import type { ScriptRunner } from "./scriptRunner.ts";

/**
 * Bytes of blocks that are decoded before their turn: decoded, they take many times as much. Of the scripts that a
 * block spends, as many are copied.
 */
const MAX_BYTES = 4_000_000;

/** A block that was decoded before its turn. */
export interface Foreseen {
  readonly ok: true;
  readonly block: Block;
  readonly bytes: Uint8Array;
  /** Why it can't be valid wherever it stands. */
  readonly refusal: Refusal | undefined;
  readonly height: number;
}

interface Begun extends Foreseen {
  readonly raw: RawBlock;
  readonly finish: () => Promise<void>;
}

interface ScriptsAheadOptions {
  readonly params: ChainParams;
  readonly store: Pick<ChainStore, "getCoins">;
  readonly tree: HeaderTree;
  readonly scripts: ScriptRunner;
  readonly sha256: Sha256 | undefined;
}

/**
 * Has other threads run the scripts of blocks that wait for their turn, while those before them are connected. It only
 * fills the memory of transactions whose scripts pass: the verdict on a block comes when it is connected, in the order
 * of its inputs, on this thread, which runs whatever is not known to pass. So a failure, a lost thread or a coin that is
 * missing here changes no verdict. Jobs are copies: nothing that a thread reads can go while it runs (CVE-2024-52911).
 *
 * An output that is found by its transaction id is the right one, whatever the chain does meanwhile, because the id is
 * the hash of it.
 */
export class ScriptsAhead {
  readonly #options: ScriptsAheadOptions;
  readonly #foreseen = new Map<BlockHash, Begun>();
  /** Those of the blocks that wait. */
  readonly #transactions = new Map<Txid, Transaction>();
  #bytes = 0;

  constructor(options: ScriptsAheadOptions) {
    this.#options = options;
  }

  /**
   * Looks at a block that waits for its turn, if there is room.
   * @param raw was asked for, after its header had shown its proof of work: else anybody could have us run scripts
   */
  begin(raw: RawBlock): void {
    const { header, bytes } = raw;
    if (header === undefined || !this.#options.scripts.hasWorkers) return;
    if (this.#bytes + bytes.length > MAX_BYTES || this.#foreseen.has(header.hash)) return;
    const { tree, sha256, params } = this.#options;
    const known = tree.get(header.hash);
    if (known !== undefined && (known.transactionCount > 0 || known.invalidReason)) return;
    const parent = tree.get(header.previousHash) ?? this.#foreseen.get(header.previousHash);
    if (parent === undefined) return;
    const decoded = raw.decode(sha256);
    if (!decoded.ok) return;
    const { block } = decoded;
    const refusal = checkAlone(block, params);
    const height = parent.height + 1;
    const begun = refusal === undefined ? this.#run(block, height) : undefined;
    const finish = async () => await (await begun)?.();
    this.#foreseen.set(header.hash, { raw, ...decoded, refusal, height, finish });
    this.#bytes += decoded.bytes.length;
    for (const each of block.transactions) this.#transactions.set(each.txid, each);
  }

  /**
   * Its turn has come: runs the scripts that no other thread has begun, and waits for the rest.
   * @returns `undefined` where it was not looked at
   */
  async take(raw: RawBlock): Promise<Foreseen | undefined> {
    const foreseen = raw.header && this.#foreseen.get(raw.header.hash);
    // Another body may have come under the same header.
    if (foreseen === undefined || foreseen.raw !== raw) return undefined;
    this.#foreseen.delete(foreseen.block.hash);
    this.#bytes -= foreseen.bytes.length;
    await foreseen.finish();
    return foreseen;
  }

  /** The block is in the chain, or it is not valid: its outputs are not asked for here any more. */
  end({ block }: Foreseen): void {
    for (const { txid } of block.transactions) this.#transactions.delete(txid);
  }

  /** Has the scripts of a block begun. @returns a function that ends that */
  async #run(block: Block, height: number): Promise<() => Promise<void>> {
    const { params, tree, scripts } = this.#options;
    const node = tree.get(block.hash);
    if (node !== undefined && scriptsAssumedValid(node, tree, params)) return nothing;
    const flags = scriptFlags(height, params, block.hash);
    const spending = block.transactions.filter(
      (transaction) => !transaction.isCoinbase && !scripts.isKnown(transaction, flags),
    );
    // The rules have not been asked yet whether an output is spent once, and each spend would get a copy of it.
    const prevouts = spending.flatMap(({ inputs }) =>
      inputs.map(({ prevout }) => outpointKey(prevout)),
    );
    if (new Set(prevouts).size < prevouts.length) return nothing;
    try {
      const own = new Map(block.transactions.map((each) => [each.txid, each]));
      return scripts.prepare(await this.#jobs(spending, flags, own));
    } catch {
      // Its turn comes all the same, and then the error is one of the chain's.
      return nothing;
    }
  }

  /** The jobs whose spent outputs are known, as far as there is room for these. */
  async #jobs(
    transactions: readonly Transaction[],
    flags: ScriptFlags,
    own: ReadonlyMap<Txid, Transaction>,
  ): Promise<readonly ScriptJob[]> {
    const outputOf = ({ txid, vout }: Outpoint) =>
      (own.get(txid) ?? this.#transactions.get(txid))?.outputs[vout];
    const prevouts = transactions.flatMap(({ inputs }) => inputs.map(({ prevout }) => prevout));
    const found: (TxOutput | undefined)[] = prevouts.map(outputOf);
    const missing = prevouts.filter((_, i) => found[i] === undefined);
    const coins = missing.length === 0 ? [] : await this.#options.store.getCoins(missing);
    const rest = coins.values();
    const outputs = found.map((output) => output ?? rest.next().value).values();
    const jobs: ScriptJob[] = [];
    let bytes = 0;
    for (const transaction of transactions) {
      const spentOutputs = transaction.inputs.map(() => outputs.next().value);
      if (!spentOutputs.every(isSpendable)) continue;
      for (const { scriptPubKey } of spentOutputs) bytes += scriptPubKey.length;
      if (bytes > MAX_BYTES) break;
      jobs.push({ transaction, spentOutputs, flags });
    }
    return jobs;
  }
}

async function nothing(): Promise<void> {}

function isSpendable(output: TxOutput | undefined): output is TxOutput {
  return output !== undefined && !isUnspendable(output.scriptPubKey);
}
