/**
 * Bad transactions and bad blocks, each with the reason it must be refused for. The same cases are put to the rules
 * here, and to the engine and the wire in the tests of other packages.
 */
import {
  Block,
  concatBytes,
  type LocatedCoin,
  MAX_MONEY,
  merkleRoot,
  NULL_OUTPOINT,
  type Outpoint,
  pushData,
  type RefusalKind,
  SEQUENCE_FINAL,
  SIGHASH_ALL,
  Transaction,
  type TransactionFields,
  type Txid,
  type TxOutput,
} from "@chain/core";
import {
  coinbaseTransaction,
  makeBlock,
  payment,
  sign,
  signInput,
  type TestChain,
  testKey,
  unsolve,
  withScriptSigs,
} from "./blockFactory.ts";

export interface BadTransaction {
  readonly name: string;
  readonly transaction: Transaction;
  /** Kind and reason of the refusal of the loose transaction; in a block the kind is `consensus`. */
  readonly kind: RefusalKind;
  readonly reason: string;
  /** Which rule refuses it. */
  readonly rule: "checkTransaction" | "checkTxInputs" | "isFinalTransaction" | "runScriptCheck";
  /** Whether its bytes decode to the same transaction: only then can it be sent to anybody. */
  readonly encodable: boolean;
}

export interface BadBlock {
  readonly name: string;
  readonly block: Block;
  readonly kind: RefusalKind;
  readonly reason: string;
}

const script = (sentence: string): string => `mandatory-script-verify-flag-failed (${sentence})`;
const EMPTY = new Uint8Array(0);

/** A good transaction, and ways to spoil it. */
interface Spoiling {
  readonly chain: TestChain;
  readonly coin: LocatedCoin;
  readonly good: Transaction;
  readonly pay: (fields?: Partial<TransactionFields>) => Transaction;
  /** Pays these amounts. */
  readonly paying: (...values: readonly bigint[]) => Transaction;
}

type TransactionCase = readonly [
  name: string,
  transaction: Transaction,
  reason: string,
  kind?: RefusalKind,
  encodable?: boolean,
];

/** Transactions that are wrong by themselves. */
function badForms({ coin, good, pay, paying }: Spoiling): readonly TransactionCase[] {
  const { value } = coin.coin;
  const input = good.inputs[0]!;
  const nothingIn = new Transaction({ ...good, inputs: [] });
  const huge = pay({ outputs: [{ value, scriptPubKey: new Uint8Array(1_000_000) }] });
  const nullInput = pay({ inputs: [input, { ...input, prevout: NULL_OUTPOINT }] });
  return [
    ["no inputs", nothingIn, "bad-txns-vin-empty", "consensus", false],
    ["no outputs", pay({ outputs: [] }), "bad-txns-vout-empty"],
    ["too large", huge, "bad-txns-oversize"],
    ["negative output", paying(-1n), "bad-txns-vout-negative"],
    ["output beyond all money", paying(MAX_MONEY + 1n), "bad-txns-vout-toolarge"],
    ["outputs beyond all money", paying(MAX_MONEY, 1n), "bad-txns-txouttotal-toolarge"],
    ["an input twice", pay({ inputs: [input, input] }), "bad-txns-inputs-duplicate"],
    ["an input that spends nothing", nullInput, "bad-txns-prevout-null"],
  ];
}

/** Transactions whose coins are not there, or worth too little. */
function badInputs({ coin, good, paying }: Spoiling): readonly TransactionCase[] {
  const input = good.inputs[0]!;
  const missing = "bad-txns-inputs-missingorspent";
  const spending = (prevout: Outpoint) =>
    new Transaction({ ...good, inputs: [{ ...input, prevout }] });
  const unknown = sign(spending({ txid: "ab".repeat(32) as Txid, vout: 0 }), [coin]);
  const noOutput = spending({ ...coin.outpoint, vout: 999 });
  return [
    ["an unknown output", unknown, missing, "missing-inputs"],
    ["an output number that is not there", noOutput, missing, "missing-inputs"],
    ["more out than in", paying(coin.coin.value + 1n), "bad-txns-in-belowout"],
  ];
}

function lockedCases({ chain, coin }: Spoiling): readonly TransactionCase[] {
  const locked = payment({
    coins: [coin],
    outputs: [coin.coin],
    sequence: 0,
    fields: { lockTime: chain.tip.height + 2 },
  });
  return [["locked", locked, "bad-txns-nonfinal", "premature-spend"]];
}

/** Transactions whose scripts fail. */
function badScripts({ coin, good, paying }: Spoiling): readonly TransactionCase[] {
  const { value, scriptPubKey } = coin.coin;
  const key = testKey(0);
  const ownKey = pushData(key.publicKey);
  const scriptSig = (bytes: Uint8Array): Transaction => withScriptSigs(good, () => bytes);
  const signed = (signature: Uint8Array) => scriptSig(concatBytes(pushData(signature), ownKey));
  const stack = script("Operation not valid with the current stack size");
  const stranger = payment({
    coins: [coin],
    outputs: [{ value, scriptPubKey }],
    key: testKey(999),
  });
  const equalverify = script("Script failed an OP_EQUALVERIFY operation");
  const evalFalse = script(
    "Script evaluated without error but finished with a false/empty top stack element",
  );
  const forged = signInput(good, 0, scriptPubKey, testKey(999));
  const another = signInput(paying(value - 1n), 0, scriptPubKey, key);
  const own = signInput(good, 0, scriptPubKey, key);
  const padded = concatBytes(own.subarray(0, -1), Uint8Array.of(0, SIGHASH_ALL));
  const tampered = new Transaction({ ...good, outputs: [{ value: value - 1n, scriptPubKey }] });
  return [
    ["no scriptSig", scriptSig(EMPTY), stack],
    ["key without signature", scriptSig(ownKey), stack],
    ["somebody else's key", stranger, equalverify],
    ["signed by somebody else", signed(forged), evalFalse],
    ["signature of another transaction", signed(another), evalFalse],
    ["empty signature", signed(EMPTY), evalFalse],
    ["signature with a byte behind its end", signed(padded), script("Non-canonical DER signature")],
    ["output changed after signing", tampered, evalFalse],
  ];
}

const TRANSACTION_RULES: readonly (readonly [
  BadTransaction["rule"],
  (spoiling: Spoiling) => readonly TransactionCase[],
])[] = [
  ["checkTransaction", badForms],
  ["checkTxInputs", badInputs],
  ["isFinalTransaction", lockedCases],
  ["runScriptCheck", badScripts],
];

/**
 * Transactions that a node at the tip of this chain must refuse.
 * @param chain its tip must be at 1 at least; uses up nothing
 * @param coin an unspent coin of MINER with at least 2 base units
 */
export function badTransactions(chain: TestChain, coin: LocatedCoin): readonly BadTransaction[] {
  const { value, scriptPubKey } = coin.coin;
  const pay = (fields: Partial<TransactionFields> = {}): Transaction =>
    payment({ coins: [coin], outputs: [{ value, scriptPubKey }], fields });
  const paying = (...values: readonly bigint[]): Transaction =>
    pay({ outputs: values.map((each) => ({ value: each, scriptPubKey })) });
  const spoiling = { chain, coin, good: pay(), pay, paying };
  return TRANSACTION_RULES.flatMap(([rule, casesOf]) =>
    casesOf(spoiling).map(([name, transaction, reason, kind = "consensus", encodable = true]) => ({
      name,
      transaction,
      kind,
      reason,
      rule,
      encodable,
    })),
  );
}

/** The chain that bad blocks are made on, and their parts. */
interface Site {
  readonly chain: TestChain;
  readonly coin: LocatedCoin;
  readonly height: number;
  /** A good transaction of the coin, and one that spends its output. */
  readonly spend: Transaction;
  readonly child: Transaction;
  readonly reward: TxOutput;
  readonly make: (options: Partial<Parameters<typeof makeBlock>[0]>) => Block;
  readonly coinbase: (...outputs: Transaction["outputs"]) => Transaction;
}

type BlockCase = readonly [name: string, block: Block, reason: string, kind?: RefusalKind];

function siteOf(chain: TestChain, coin: LocatedCoin): Site {
  const { tip: parent, params } = chain;
  const { value, scriptPubKey } = coin.coin;
  const outputs = [{ value, scriptPubKey }];
  const height = parent.height + 1;
  const spend = payment({ coins: [coin], outputs });
  return {
    chain,
    coin,
    height,
    spend,
    child: payment({
      coins: [{ outpoint: { txid: spend.txid, vout: 0 }, coin: coin.coin }],
      outputs,
    }),
    reward: { value: params.initialSubsidy, scriptPubKey },
    make: (options) => makeBlock({ parent, params, ...options }),
    coinbase: (...paid) => coinbaseTransaction(height, paid),
  };
}

function badHeaders({ chain, spend, make }: Site): readonly BlockCase[] {
  const good = make({ transactions: [spend] });
  const lazy = new Block(unsolve(good.header, chain.params), good.transactions);
  const old = make({ header: { time: chain.tip.medianTimePast } });
  return [
    ["without work", lazy, "high-hash", "invalid-header"],
    ["another target", make({ header: { bits: 0x207ffffe } }), "bad-diffbits", "invalid-header"],
    ["not after the median time", old, "time-too-old", "invalid-header"],
    ...[0, 1, 2, 3, -1].map((version): BlockCase => {
      const hex = (version >>> 0).toString(16).padStart(8, "0");
      const block = make({ header: { version } });
      return [`version ${version}`, block, `bad-version(0x${hex})`, "invalid-header"];
    }),
  ];
}

/** Blocks with a wrong Merkle root, or of a wrong shape. */
function badShapes({ height, spend, child, reward, make, coinbase }: Site): readonly BlockCase[] {
  const merkle = "bad-txnmrklroot";
  const wrongRoot = make({ header: { merkleRoot: merkleRoot(["cd".repeat(32) as Txid]).root } });
  const good = make({ transactions: [spend] });
  const swapped = new Block(good.header, [good.transactions[0]!, coinbase(reward)]);
  const three = make({ transactions: [spend, child] });
  const doubled = new Block(three.header, [...three.transactions, three.transactions[2]!]);
  const { root: noRoot } = merkleRoot([]);
  const empty = new Block(make({ header: { merkleRoot: noRoot } }).header, []);
  const padded = (size: number, fill: number) =>
    make({
      coinbase: coinbase(reward, { value: 0n, scriptPubKey: new Uint8Array(size).fill(fill) }),
    });
  const second = coinbaseTransaction(height, [reward], 1);
  const scripted = (size: number) =>
    make({ coinbase: withScriptSigs(coinbase(reward), () => new Uint8Array(size)) });
  return [
    ["wrong merkle root", wrongRoot, merkle, "mutated"],
    ["other transactions than the header says", swapped, merkle, "mutated"],
    ["last transaction repeated (CVE-2012-2459)", doubled, "bad-txns-duplicate", "mutated"],
    ["without transactions", empty, "bad-blk-length"],
    ["too large", padded(1_000_000, 0), "bad-blk-length"],
    ["without coinbase", make({ coinbase: spend }), "bad-cb-missing"],
    ["with two coinbases", make({ transactions: [second] }), "bad-cb-multiple"],
    ["coinbase script too long", scripted(101), "bad-cb-length"],
    ["coinbase script too short", scripted(1), "bad-cb-length"],
    ["too many signature operations", padded(20_001, 0xac), "bad-blk-sigops"],
  ];
}

/** Blocks that are wrong at this place in the chain. */
function badPlaces({ coin, height, reward, make }: Site): readonly BlockCase[] {
  const wrongHeight = coinbaseTransaction(height + 1, [reward]);
  const young = payment({ coins: [coin], outputs: [coin.coin], sequence: 1000 });
  return [
    ["another height in the coinbase", make({ coinbase: wrongHeight }), "bad-cb-height"],
    ["relative lock time", make({ transactions: [young] }), "bad-txns-nonfinal"],
  ];
}

function badWitnesses({ spend, make }: Site): readonly BlockCase[] {
  const witnessed = (transaction: Transaction, ...witness: readonly Uint8Array[]) =>
    new Transaction({
      ...transaction,
      inputs: transaction.inputs.map((input) => ({ ...input, witness })),
    });
  const withWitness = witnessed(spend, Uint8Array.of(1));
  const uncommitted = make({ transactions: [withWitness] });
  const committed = make({ transactions: [spend], commit: true });
  const [first, ...rest] = committed.transactions as [Transaction, ...Transaction[]];
  const stripped = new Block(committed.header, [witnessed(first), ...rest]);
  const mismatch = new Block(committed.header, [first, withWitness]);
  const heavy = witnessed(spend, new Uint8Array(4_000_000));
  const unexpected = make({ transactions: [withWitness], commit: true });
  const tooHeavy = make({ transactions: [heavy], commit: true });
  return [
    ["witness without commitment", uncommitted, "unexpected-witness", "mutated"],
    ["commitment without reserved value", stripped, "bad-witness-nonce-size", "mutated"],
    ["witness not committed to", mismatch, "bad-witness-merkle-match", "mutated"],
    ["too heavy", tooHeavy, "bad-blk-weight"],
    ["witness for a script without", unexpected, script("Witness provided for non-witness script")],
  ];
}

function badMoney({
  chain,
  coin,
  height,
  spend,
  child,
  reward,
  ...site
}: Site): readonly BlockCase[] {
  const { make, coinbase } = site;
  const { value, scriptPubKey } = coin.coin;
  const greedy = make({ transactions: [spend], reward: chain.params.initialSubsidy + 1n });
  const other = payment({ coins: [coin], outputs: [{ value: value - 1n, scriptPubKey }] });
  const own = coinbase(reward);
  const ownCoin = { ...reward, height, coinbase: true };
  const premature = payment({
    coins: [{ outpoint: { txid: own.txid, vout: 0 }, coin: ownCoin }],
    outputs: [reward],
  });
  const missing = "bad-txns-inputs-missingorspent";
  const eager = make({ coinbase: own, transactions: [premature] });
  return [
    ["inflated coinbase", greedy, "bad-cb-amount"],
    ["double spend in the block", make({ transactions: [spend, other] }), missing],
    ["child before its parent", make({ transactions: [child, spend] }), missing],
    ["spends its own coinbase", eager, "bad-txns-premature-spend-of-coinbase"],
  ];
}

/** A block is as bad as any transaction in it. */
function withBadTransactions({ chain, coin, make }: Site): readonly BlockCase[] {
  return (
    badTransactions(chain, coin)
      // One that is too large makes the block so, which is looked at first.
      .filter(({ reason }) => reason !== "bad-txns-oversize")
      .map(({ name, transaction, reason }) => [
        `transaction: ${name}`,
        make({ transactions: [transaction] }),
        reason,
      ])
  );
}

/**
 * Blocks that must be refused on the tip of this chain. Every one but those about work has enough of it.
 * @param coin as above
 */
export function badBlocks(chain: TestChain, coin: LocatedCoin): readonly BadBlock[] {
  const site = siteOf(chain, coin);
  return [badHeaders, badShapes, badPlaces, badWitnesses, badMoney, withBadTransactions]
    .flatMap((casesOf) => casesOf(site))
    .map(([name, block, reason, kind = "consensus"]) => ({ name, block, kind, reason }));
}

/** The good block that all of them resemble. */
export function goodBlock(chain: TestChain, coin: LocatedCoin): Block {
  const { value, scriptPubKey } = coin.coin;
  const outputs = [{ value, scriptPubKey }];
  const transactions = [payment({ coins: [coin], outputs, sequence: SEQUENCE_FINAL })];
  return chain.next({ transactions, commit: true });
}
