/** Easy blocks for tests: mine them, pay with them, break one thing at a time. */
import {
  type AncestorView,
  Block,
  BlockHeader,
  type BlockHeaderFields,
  type BlockUndo,
  blockSubsidy,
  type ChainParams,
  type Coin,
  type CoinChanges,
  type CoinsView,
  type ConnectedBlock,
  checkBlock,
  checkBlockContext,
  checkHeaderContext,
  checkProofOfWork,
  concatBytes,
  connectBlock,
  DEVNET,
  devnet,
  disconnectBlock,
  encodeDerSignature,
  type HeaderNode,
  HeaderTree,
  hash160,
  type LocatedCoin,
  legacySighash,
  merkleRoot,
  NULL_OUTPOINT,
  nobleVerifier,
  type Outpoint,
  type OutpointKey,
  outpointKey,
  p2pkhScript,
  pushData,
  pushNumber,
  regtest,
  runScriptCheck,
  SEQUENCE_FINAL,
  SIGHASH_ALL,
  Transaction,
  type TransactionFields,
  type TxOutput,
  type Verdict,
  witnessCommitmentScript,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as secp256k1 from "@noble/secp256k1";

secp256k1.hashes.sha256 = sha256;
secp256k1.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

/** Seconds; every test chain begins here. */
export const GENESIS_TIME = 1_700_000_000;
/** Ahead of every block that the factory makes unless told otherwise. */
const FAR_FUTURE = 0xffff_ffff;
const BLOCK_VERSION = 0x2000_0000;

export interface TestKey {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  /** The output script that pays to it. */
  readonly script: Uint8Array;
}

/** The n-th key, the same in every run. */
export function testKey(n: number): TestKey {
  const secretKey = sha256(Uint8Array.of(n >> 8, n & 0xff, 42));
  const publicKey = secp256k1.getPublicKey(secretKey);
  return { secretKey, publicKey, script: p2pkhScript(hash160(publicKey)) };
}

/** The key that blocks pay to unless told otherwise. */
export const MINER: TestKey = testKey(0);

/** A coinbase for this height; `extra` makes it differ from others. */
export function coinbaseTransaction(
  height: number,
  outputs: readonly TxOutput[],
  extra = 0,
): Transaction {
  const scriptSig = concatBytes(pushNumber(height), pushData(Uint8Array.of(extra >> 8, extra)));
  const input = { prevout: NULL_OUTPOINT, scriptSig, sequence: SEQUENCE_FINAL, witness: [] };
  return new Transaction({ version: 1, inputs: [input], outputs, lockTime: 0 });
}

/** The header with the first nonce that makes its hash good enough. Two tries on average with the easiest target. */
function solve(fields: BlockHeaderFields, params: Pick<ChainParams, "powLimit">): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const header = new BlockHeader({ ...fields, nonce });
    if (checkProofOfWork(header.hash, header.bits, params)) return header;
  }
}

/** The header with a nonce that does not make it. */
export function unsolve(
  fields: BlockHeaderFields,
  params: Pick<ChainParams, "powLimit">,
): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    const header = new BlockHeader({ ...fields, nonce });
    if (!checkProofOfWork(header.hash, header.bits, params)) return header;
  }
}

/** A devnet with regtest's target, whose genesis block pays `MINER`. */
export function easyDevnet(): ChainParams {
  const { powLimit, powLimitBits } = regtest;
  const outputs = [{ value: DEVNET.initialSubsidy, scriptPubKey: MINER.script }];
  const transactions = [coinbaseTransaction(0, outputs)];
  const header = solve(
    {
      version: BLOCK_VERSION,
      previousHash: ZERO_BLOCK_HASH,
      merkleRoot: merkleRoot(transactions.map(({ txid }) => txid)).root,
      time: GENESIS_TIME,
      bits: powLimitBits,
      nonce: 0,
    },
    { powLimit },
  );
  return { ...devnet(new Block(header, transactions)), powLimit, powLimitBits };
}

export interface BlockOptions {
  readonly parent: AncestorView;
  readonly params: ChainParams;
  /** All but the coinbase. */
  readonly transactions?: readonly Transaction[];
  /** Base units for the miner; the subsidy if not given. */
  readonly reward?: bigint;
  readonly payTo?: Uint8Array;
  readonly extra?: number;
  /** Takes the place of the coinbase that the factory would make. */
  readonly coinbase?: Transaction;
  /** Add the BIP-0141 commitment, which blocks with witnesses need. */
  readonly commit?: boolean;
  /** Header fields that differ from what they should be. */
  readonly header?: Partial<BlockHeaderFields>;
}

/** A block with enough work on top of its parent; valid unless the options say otherwise. */
export function makeBlock(options: BlockOptions): Block {
  const { parent, params, transactions = [], payTo = MINER.script, extra = 0 } = options;
  const height = parent.height + 1;
  const value = options.reward ?? blockSubsidy(height, params);
  let coinbase =
    options.coinbase ?? coinbaseTransaction(height, [{ value, scriptPubKey: payTo }], extra);
  if (options.commit === true) coinbase = withCommitment(coinbase, transactions);
  const all = [coinbase, ...transactions];
  const header = solve(
    {
      version: BLOCK_VERSION,
      previousHash: parent.hash,
      merkleRoot: merkleRoot(all.map(({ txid }) => txid)).root,
      time: parent.time + 1,
      bits: parent.bits,
      nonce: 0,
      ...options.header,
    },
    params,
  );
  return new Block(header, all);
}

/** The coinbase with the witness and output of BIP-0141. */
function withCommitment(
  coinbase: Transaction,
  others: readonly Transaction[],
  reserved: Uint8Array = new Uint8Array(32),
): Transaction {
  const scriptPubKey = witnessCommitmentScript([coinbase, ...others], reserved);
  return new Transaction({
    ...coinbase,
    inputs: coinbase.inputs.map((input) => ({ ...input, witness: [reserved] })),
    outputs: [...coinbase.outputs, { value: 0n, scriptPubKey }],
  });
}

/** The coinbase with this witness. */
export function witnessCoinbase(
  coinbase: Transaction,
  witness: readonly Uint8Array[],
): Transaction {
  const { outputs } = coinbase;
  const inputs = coinbase.inputs.map((input) => ({ ...input, witness }));
  return new Transaction({ ...coinbase, inputs, outputs });
}

/** DER with the hash type: a signature as scripts hold it. */
export function signInput(
  transaction: Transaction,
  inputIndex: number,
  scriptCode: Uint8Array,
  key: TestKey,
  hashType: number = SIGHASH_ALL,
): Uint8Array {
  const hash = legacySighash(transaction, inputIndex, scriptCode, hashType);
  const compact = secp256k1.sign(hash, key.secretKey, { prehash: false });
  return concatBytes(encodeDerSignature(compact), Uint8Array.of(hashType));
}

export interface PaymentOptions {
  readonly coins: readonly LocatedCoin[];
  readonly outputs: readonly TxOutput[];
  /** Owner of the coins. */
  readonly key?: TestKey;
  readonly hashType?: number;
  readonly fields?: Partial<TransactionFields>;
  readonly sequence?: number;
}

/** Spends pay-to-public-key-hash coins, signed. */
export function payment(options: PaymentOptions): Transaction {
  const { coins, outputs, key = MINER, hashType = SIGHASH_ALL } = options;
  const unsigned = new Transaction({
    version: 2,
    lockTime: 0,
    outputs,
    inputs: coins.map(({ outpoint }) => ({
      prevout: outpoint,
      scriptSig: new Uint8Array(0),
      sequence: options.sequence ?? SEQUENCE_FINAL,
      witness: [],
    })),
    ...options.fields,
  });
  return sign(unsigned, coins, key, hashType);
}

/** The same transaction with a new scriptSig in each input that has a coin. */
export function sign(
  transaction: Transaction,
  coins: readonly LocatedCoin[],
  key: TestKey = MINER,
  hashType: number = SIGHASH_ALL,
): Transaction {
  return withScriptSigs(transaction, (i) => {
    const coin = coins[i]?.coin;
    if (coin === undefined) return new Uint8Array(0);
    const signature = signInput(transaction, i, coin.scriptPubKey, key, hashType);
    return concatBytes(pushData(signature), pushData(key.publicKey));
  });
}

export function withScriptSigs(
  transaction: Transaction,
  scriptSig: (inputIndex: number) => Uint8Array,
): Transaction {
  const inputs = transaction.inputs.map((input, i) => ({ ...input, scriptSig: scriptSig(i) }));
  return new Transaction({ ...transaction, inputs });
}

/** A chain in memory with its coins: what a node is, as far as the rules go, and nothing more. */
export class TestChain implements CoinsView {
  readonly params: ChainParams;
  readonly tree: HeaderTree;
  /** Connected blocks by height. */
  readonly blocks: Block[] = [];
  readonly coins: Map<OutpointKey, LocatedCoin> = new Map();
  readonly #undo: BlockUndo[] = [];

  constructor(params: ChainParams = easyDevnet()) {
    this.params = params;
    this.tree = new HeaderTree(params.genesis.header);
    const connected = connectBlock(params.genesis, { parent: undefined, params }, this);
    this.#push(params.genesis, accepted(connected));
  }

  get tip(): HeaderNode {
    return this.tree.tip;
  }

  get(outpoint: Outpoint): Coin | undefined {
    return this.coins.get(outpointKey(outpoint))?.coin;
  }

  /** All rules in the order a node would ask them; changes nothing. */
  validate(
    block: Block,
    {
      scripts = true,
      now = FAR_FUTURE,
    }: { readonly scripts?: boolean; readonly now?: number } = {},
  ): Verdict<ConnectedBlock> {
    const { params, tip: parent } = this;
    for (const check of [
      () => checkBlock(block, params),
      () => checkHeaderContext(block.header, parent, params, now),
      () => checkBlockContext(block, parent, params),
    ]) {
      const verdict = check();
      if (!verdict.ok) return verdict;
    }
    const connected = connectBlock(block, { parent, params }, this);
    if (!connected.ok || !scripts) return connected;
    for (const check of connected.checks) {
      const verdict = runScriptCheck(check, nobleVerifier);
      if (!verdict.ok) return verdict;
    }
    return connected;
  }

  /** Validates and takes a block. Throws where it is refused. */
  connect(block: Block, options: { readonly scripts?: boolean } = {}): ConnectedBlock {
    const connected = accepted(this.validate(block, options));
    const node = this.tree.add(block.header);
    this.tree.setBody(node, block.transactions.length);
    this.tree.setTip(node);
    this.#push(block, connected);
    return connected;
  }

  /** Takes a block whose header is in the tree and which was found valid before. */
  reconnect(block: Block): void {
    const node = this.tree.get(block.hash) as HeaderNode;
    const { params, tip: parent } = this;
    const connected = accepted(connectBlock(block, { parent, params }, this));
    this.tree.setBody(node, block.transactions.length);
    this.tree.setTip(node);
    this.#push(block, connected);
  }

  #push(block: Block, connected: ConnectedBlock): void {
    this.blocks.push(block);
    this.#undo.push(connected.undo);
    this.#apply(connected.changes);
  }

  #apply({ spent, created }: CoinChanges): void {
    for (const { outpoint } of spent) this.coins.delete(outpointKey(outpoint));
    for (const located of created) this.coins.set(outpointKey(located.outpoint), located);
  }

  /** Takes the last block back. */
  disconnect(): Block {
    const block = this.blocks.pop() as Block;
    const parent = this.tip.parent as HeaderNode;
    const undo = this.#undo.pop() as BlockUndo;
    this.#apply(disconnectBlock(block, undo, { parent, params: this.params }, this));
    this.tree.setTip(parent);
    return block;
  }

  /** A block on the tip, not connected. */
  next(options: Partial<BlockOptions> = {}): Block {
    return makeBlock({ parent: this.tip, params: this.params, ...options });
  }

  /** Makes a block on the tip and connects it. */
  mine(options: Partial<BlockOptions> = {}): Block {
    const block = this.next(options);
    this.connect(block);
    return block;
  }

  /** The first output of the coinbase at this height, which must be unspent. */
  coinbaseCoin(height: number): LocatedCoin {
    return this.located({ txid: (this.blocks[height] as Block).transactions[0]!.txid, vout: 0 });
  }

  located(outpoint: Outpoint): LocatedCoin {
    return this.coins.get(outpointKey(outpoint)) as LocatedCoin;
  }
}

/** The data of a good verdict; throws for a refusal. */
export function accepted<T extends object>(verdict: Verdict<T>): T {
  if (!verdict.ok) throw new RangeError(`${verdict.kind}: ${verdict.reason} (${verdict.debug})`);
  return verdict;
}

/** A verdict in one line, for expectations: `ok`, or kind and reason. */
export function summary(verdict: Verdict): string {
  return verdict.ok ? "ok" : `${verdict.kind}: ${verdict.reason}`;
}
