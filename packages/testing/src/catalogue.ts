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
  pushData,
  type RefusalKind,
  SEQUENCE_FINAL,
  SIGHASH_ALL,
  Transaction,
  type TransactionFields,
  type Txid,
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

/**
 * Transactions that a node at the tip of this chain must refuse.
 * @param chain its tip must be at 1 at least; uses up nothing
 * @param coin an unspent coin of MINER with at least 2 base units
 */
export function badTransactions(chain: TestChain, coin: LocatedCoin): readonly BadTransaction[] {
  const { outpoint } = coin;
  const { value, scriptPubKey } = coin.coin;
  const pay = (fields: Partial<TransactionFields> = {}): Transaction =>
    payment({ coins: [coin], outputs: [{ value, scriptPubKey }], fields });
  const good = pay();
  const input = good.inputs[0]!;
  const unknown = { txid: "ab".repeat(32) as Txid, vout: 0 };
  const outputs = (...values: readonly bigint[]): Transaction =>
    pay({ outputs: values.map((each) => ({ value: each, scriptPubKey })) });
  const scriptSig = (bytes: Uint8Array): Transaction => withScriptSigs(good, () => bytes);
  const key = testKey(0);
  const signature = signInput(good, 0, scriptPubKey, key);
  const ownKey = pushData(key.publicKey);

  const cases: BadTransaction[] = [];
  const consensus = (
    rule: BadTransaction["rule"],
    name: string,
    transaction: Transaction,
    reason: string,
    kind: RefusalKind = "consensus",
    encodable = true,
  ): void => {
    cases.push({ name, transaction, kind, reason, rule, encodable });
  };

  const alone = "checkTransaction";
  const nothingIn = new Transaction({ ...good, inputs: [] });
  consensus(alone, "no inputs", nothingIn, "bad-txns-vin-empty", "consensus", false);
  consensus(alone, "no outputs", pay({ outputs: [] }), "bad-txns-vout-empty");
  const huge = pay({ outputs: [{ value, scriptPubKey: new Uint8Array(1_000_000) }] });
  consensus(alone, "too large", huge, "bad-txns-oversize");
  consensus(alone, "negative output", outputs(-1n), "bad-txns-vout-negative");
  consensus(alone, "output beyond all money", outputs(MAX_MONEY + 1n), "bad-txns-vout-toolarge");
  const beyond = outputs(MAX_MONEY, 1n);
  consensus(alone, "outputs beyond all money", beyond, "bad-txns-txouttotal-toolarge");
  const twice = pay({ inputs: [input, input] });
  consensus(alone, "an input twice", twice, "bad-txns-inputs-duplicate");
  const nullInput = pay({ inputs: [input, { ...input, prevout: NULL_OUTPOINT }] });
  consensus(alone, "an input that spends nothing", nullInput, "bad-txns-prevout-null");

  const inputs = "checkTxInputs";
  const missing = "bad-txns-inputs-missingorspent";
  const unknownInput = sign(
    new Transaction({ ...good, inputs: [{ ...input, prevout: unknown }] }),
    [coin],
  );
  consensus(inputs, "an unknown output", unknownInput, missing, "missing-inputs");
  const noSuchOutput = { ...outpoint, vout: 999 };
  const noOutput = new Transaction({ ...good, inputs: [{ ...input, prevout: noSuchOutput }] });
  consensus(inputs, "an output number that is not there", noOutput, missing, "missing-inputs");
  consensus(inputs, "more out than in", outputs(value + 1n), "bad-txns-in-belowout");

  const locked = payment({
    coins: [coin],
    outputs: [{ value, scriptPubKey }],
    sequence: 0,
    fields: { lockTime: chain.tip.height + 2 },
  });
  consensus("isFinalTransaction", "locked", locked, "bad-txns-nonfinal", "premature-spend");

  const run = "runScriptCheck";
  const stack = "Operation not valid with the current stack size";
  consensus(run, "no scriptSig", scriptSig(EMPTY), script(stack));
  consensus(run, "key without signature", scriptSig(ownKey), script(stack));
  const stranger = payment({
    coins: [coin],
    outputs: [{ value, scriptPubKey }],
    key: testKey(999),
  });
  const equalverify = "Script failed an OP_EQUALVERIFY operation";
  consensus(run, "somebody else's key", stranger, script(equalverify));
  const evalFalse =
    "Script evaluated without error but finished with a false/empty top stack element";
  const forged = signInput(good, 0, scriptPubKey, testKey(999));
  const byForger = scriptSig(concatBytes(pushData(forged), ownKey));
  consensus(run, "signed by somebody else", byForger, script(evalFalse));
  const another = signInput(outputs(value - 1n), 0, scriptPubKey, key);
  const replayed = scriptSig(concatBytes(pushData(another), ownKey));
  consensus(run, "signature of another transaction", replayed, script(evalFalse));
  const emptySignature = scriptSig(concatBytes(pushData(EMPTY), ownKey));
  consensus(run, "empty signature", emptySignature, script(evalFalse));
  const der = "Non-canonical DER signature";
  const padded = concatBytes(signature.subarray(0, -1), Uint8Array.of(0, SIGHASH_ALL));
  const notDer = scriptSig(concatBytes(pushData(padded), ownKey));
  consensus(run, "signature with a byte behind its end", notDer, script(der));
  const tampered = new Transaction({ ...good, outputs: [{ value: value - 1n, scriptPubKey }] });
  consensus(run, "output changed after signing", tampered, script(evalFalse));
  return cases;
}

/**
 * Blocks that must be refused on the tip of this chain. Every one but those about work has enough of it.
 * @param coin as above
 */
export function badBlocks(chain: TestChain, coin: LocatedCoin): readonly BadBlock[] {
  const { tip: parent, params } = chain;
  const { value, scriptPubKey } = coin.coin;
  const spend = payment({ coins: [coin], outputs: [{ value, scriptPubKey }] });
  const cases: BadBlock[] = [];
  const bad = (
    name: string,
    block: Block,
    reason: string,
    kind: RefusalKind = "consensus",
  ): void => {
    cases.push({ name, block, kind, reason });
  };
  const make = (options: Partial<Parameters<typeof makeBlock>[0]>): Block =>
    makeBlock({ parent, params, ...options });
  const height = parent.height + 1;
  const coinbase = (...outputs: Transaction["outputs"]): Transaction =>
    coinbaseTransaction(height, outputs);
  const reward = { value: params.initialSubsidy, scriptPubKey };

  // Header
  const good = make({ transactions: [spend] });
  const lazy = unsolve(good.header, params);
  bad("without work", new Block(lazy, good.transactions), "high-hash", "invalid-header");
  const harder = make({ header: { bits: 0x207ffffe } });
  bad("another target", harder, "bad-diffbits", "invalid-header");
  const old = make({ header: { time: parent.medianTimePast } });
  bad("not after the median time", old, "time-too-old", "invalid-header");
  for (const version of [0, 1, 2, 3, -1]) {
    const hex = (version >>> 0).toString(16).padStart(8, "0");
    const block = make({ header: { version } });
    bad(`version ${version}`, block, `bad-version(0x${hex})`, "invalid-header");
  }

  // Merkle root and shape
  const merkle = "bad-txnmrklroot";
  const wrongRoot = merkleRoot(["cd".repeat(32) as Txid]).root;
  bad("wrong merkle root", make({ header: { merkleRoot: wrongRoot } }), merkle, "mutated");
  const swapped = new Block(good.header, [good.transactions[0]!, coinbase(reward)]);
  bad("other transactions than the header says", swapped, merkle, "mutated");
  const child = payment({
    coins: [{ outpoint: { txid: spend.txid, vout: 0 }, coin: coin.coin }],
    outputs: [{ value, scriptPubKey }],
  });
  const three = make({ transactions: [spend, child] });
  const doubled = new Block(three.header, [...three.transactions, three.transactions[2]!]);
  bad("last transaction repeated (CVE-2012-2459)", doubled, "bad-txns-duplicate", "mutated");
  const { root: noRoot } = merkleRoot([]);
  const empty = new Block(make({ header: { merkleRoot: noRoot } }).header, []);
  bad("without transactions", empty, "bad-blk-length");
  const large = make({
    coinbase: coinbase(reward, { value: 0n, scriptPubKey: new Uint8Array(1_000_000) }),
  });
  bad("too large", large, "bad-blk-length");
  bad("without coinbase", make({ coinbase: spend }), "bad-cb-missing");
  const second = coinbaseTransaction(height, [reward], 1);
  bad("with two coinbases", make({ transactions: [second] }), "bad-cb-multiple");
  const longScript = withScriptSigs(coinbase(reward), () => new Uint8Array(101));
  bad("coinbase script too long", make({ coinbase: longScript }), "bad-cb-length");
  const shortScript = withScriptSigs(coinbase(reward), () => new Uint8Array(1));
  bad("coinbase script too short", make({ coinbase: shortScript }), "bad-cb-length");
  const checks = new Uint8Array(20_001).fill(0xac);
  const sigops = coinbase(reward, { value: 0n, scriptPubKey: checks });
  bad("too many signature operations", make({ coinbase: sigops }), "bad-blk-sigops");

  // Place in the chain
  const wrongHeight = coinbaseTransaction(height + 1, [reward]);
  bad("another height in the coinbase", make({ coinbase: wrongHeight }), "bad-cb-height");
  const young = payment({ coins: [coin], outputs: [{ value, scriptPubKey }], sequence: 1000 });
  bad("relative lock time", make({ transactions: [young] }), "bad-txns-nonfinal");

  // Witnesses
  const withWitness = new Transaction({
    ...spend,
    inputs: spend.inputs.map((input) => ({ ...input, witness: [Uint8Array.of(1)] })),
  });
  const uncommitted = make({ transactions: [withWitness] });
  bad("witness without commitment", uncommitted, "unexpected-witness", "mutated");
  const committed = make({ transactions: [spend], commit: true });
  const [first, ...rest] = committed.transactions as [Transaction, ...Transaction[]];
  const noReserved = new Transaction({
    ...first,
    inputs: first.inputs.map((input) => ({ ...input, witness: [] })),
  });
  const stripped = new Block(committed.header, [noReserved, ...rest]);
  bad("commitment without reserved value", stripped, "bad-witness-nonce-size", "mutated");
  const mismatch = new Block(committed.header, [first, withWitness]);
  bad("witness not committed to", mismatch, "bad-witness-merkle-match", "mutated");
  const heavy = new Transaction({
    ...spend,
    inputs: spend.inputs.map((input) => ({ ...input, witness: [new Uint8Array(4_000_000)] })),
  });
  bad("too heavy", make({ transactions: [heavy], commit: true }), "bad-blk-weight");
  const unexpected = make({ transactions: [withWitness], commit: true });
  const sentence = "Witness provided for non-witness script";
  bad("witness for a script without", unexpected, script(sentence));

  // Money
  const greedy = make({ transactions: [spend], reward: params.initialSubsidy + 1n });
  bad("inflated coinbase", greedy, "bad-cb-amount");
  const other = payment({ coins: [coin], outputs: [{ value: value - 1n, scriptPubKey }] });
  const spentTwice = make({ transactions: [spend, other] });
  bad("double spend in the block", spentTwice, "bad-txns-inputs-missingorspent");
  const early = make({ transactions: [child, spend] });
  bad("child before its parent", early, "bad-txns-inputs-missingorspent");
  const own = coinbase(reward);
  const ownCoin = { ...reward, height, coinbase: true };
  const premature = payment({
    coins: [{ outpoint: { txid: own.txid, vout: 0 }, coin: ownCoin }],
    outputs: [reward],
  });
  const eager = make({ coinbase: own, transactions: [premature] });
  bad("spends its own coinbase", eager, "bad-txns-premature-spend-of-coinbase");

  // A block is as bad as any transaction in it
  for (const { name, transaction, reason } of badTransactions(chain, coin)) {
    // One that is too large makes the block so, which is looked at first.
    if (reason === "bad-txns-oversize") continue;
    bad(`transaction: ${name}`, make({ transactions: [transaction] }), reason);
  }
  return cases;
}

/** The good block that all of them resemble. */
export function goodBlock(chain: TestChain, coin: LocatedCoin): Block {
  const { value, scriptPubKey } = coin.coin;
  const outputs = [{ value, scriptPubKey }];
  const transactions = [payment({ coins: [coin], outputs, sequence: SEQUENCE_FINAL })];
  return chain.next({ transactions, commit: true });
}
