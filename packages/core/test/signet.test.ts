import {
  Block,
  BlockHeader,
  type ChainParams,
  checkBlock,
  checkSignetSolution,
  concatBytes,
  encodeDerSignature,
  hash160,
  hexToBytes,
  idFromBytes,
  merkleRoot,
  multisigScript,
  NULL_OUTPOINT,
  nobleVerifier,
  p2pkhScript,
  p2shScript,
  p2wshScript,
  pushData,
  regtest,
  SIGHASH_ALL,
  sha256,
  signet,
  signetParams,
  signetSolution,
  signetTransactions,
  Transaction,
  TransactionSpend,
  type TxInput,
  witnessSighash,
} from "@chain/core";
import {
  easyDevnet,
  makeBlock,
  signInput,
  summary,
  TestChain,
  testKey,
} from "@chain/testing/blockFactory";
import * as secp256k1 from "@noble/secp256k1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const MARK = hexToBytes("ecc7daa2");
const BAD = "consensus: bad-signet-blksig";
const EMPTY = new Uint8Array(0);
const [key, other] = [testKey(7), testKey(8)];
type Solution = Pick<TxInput, "scriptSig" | "witness">;
type Sign = (toSign: Transaction) => Solution;

/** A signet whose work is so easy that tests can do it. */
function easySignet(challenge: Uint8Array): ChainParams {
  const { genesis } = easyDevnet();
  const { powLimit, powLimitBits } = regtest;
  return { ...signetParams(challenge), genesis, powLimit, powLimitBits };
}

/** A block whose commitment to its witnesses goes on with these bytes. */
function blockWith(chain: TestChain, after: Uint8Array, transactions: Transaction[] = []): Block {
  const draft = chain.next({ commit: true, transactions }).transactions[0]!;
  const outputs = draft.outputs.map((output, i) =>
    i === 1 ? { ...output, scriptPubKey: concatBytes(output.scriptPubKey, after) } : output,
  );
  return chain.next({ coinbase: new Transaction({ ...draft, outputs }), transactions });
}

/** A signed block, made as the comment on `signetTransactions` has it. */
function solved(chain: TestChain, sign: Sign, transactions: Transaction[] = []): Block {
  const draft = blockWith(chain, pushData(MARK), transactions);
  const virtual = signetTransactions(draft, chain.params.signetChallenge!)!;
  return blockWith(chain, signetSolution(sign(virtual.toSign)), transactions);
}

/** All but the first transaction of the block, in other order. */
function withTransactions(block: Block, transactions: readonly Transaction[]): Block {
  return new Block(block.header, transactions);
}

describe("the public signet", () => {
  // Block 1, put together from its parts: its hash, which everybody knows, proves them.
  const signature =
    "304402205e423a8754336ca99dbe16509b877ef1bf98d008836c725005b3c787c41ebe46022047246e4467ad7cc7f1ad98662afcaf14c115e0095a227c7b05c5182591c23e7e01";
  const scriptSig = concatBytes(Uint8Array.of(0), pushData(hexToBytes(signature)));
  const commitment = hexToBytes(
    "6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9",
  );
  const coinbase = new Transaction({
    version: 1,
    inputs: [
      {
        prevout: NULL_OUTPOINT,
        scriptSig: hexToBytes("5151"),
        sequence: 0xffff_fffe,
        witness: [new Uint8Array(32)],
      },
    ],
    outputs: [
      {
        value: 50_0000_0000n,
        scriptPubKey: hexToBytes("00149243f727dd5343293eb83174324019ec16c2630f"),
      },
      {
        value: 0n,
        scriptPubKey: concatBytes(commitment, signetSolution({ scriptSig, witness: [] })),
      },
    ],
    lockTime: 0,
  });
  const header = new BlockHeader({
    version: 0x2000_0000,
    previousHash: signet.genesis.hash,
    merkleRoot: merkleRoot([coinbase.txid]).root,
    time: 0x5f4d91d1,
    bits: signet.powLimitBits,
    nonce: 0x0007_f4cc,
  });
  const block = new Block(header, [coinbase]);

  test("has a first block that its keys signed", () => {
    expect(block.hash).toBe("00000086d6b2636cb2a392d45edc4ec544a10024d30141c9adf4bfd9de533b53");
    expect(checkBlock(block, signet)).toEqual({ ok: true });
    const chain = new TestChain(signet);
    chain.connect(block);
    expect(chain.tip.height).toBe(1);
  });

  test("its block is none of another signet, but of one that asks for nothing", () => {
    expect(summary(checkBlock(block, signetParams(p2pkhScript(hash160(key.publicKey)))))).toBe(BAD);
    expect(summary(checkBlock(block, signetParams(Uint8Array.of(0x51))))).toBe("ok");
  });

  test("whatever the signature covers can't be changed", () => {
    const { version, time } = header;
    for (const change of [
      { version: version + 1 },
      { time: time + 1 },
      { previousHash: block.hash },
    ]) {
      const changed = new Block(new BlockHeader({ ...header, ...change }), [coinbase]);
      expect(summary(checkSignetSolution(changed, signet, nobleVerifier))).toBe(BAD);
    }
    const changed = new Block(new BlockHeader({ ...header, nonce: 0, bits: 0 }), [coinbase]);
    expect(summary(checkSignetSolution(changed, signet, nobleVerifier))).toBe("ok");
  });

  test("another body under a good header says nothing about the header", () => {
    const stolen = new Transaction({ ...coinbase, lockTime: 1 });
    expect(checkBlock(withTransactions(block, [stolen]), signet)).toMatchObject({
      kind: "mutated",
      reason: "bad-signet-blksig",
    });
    expect(summary(checkBlock(withTransactions(block, []), signet))).toBe(
      "mutated: bad-signet-blksig",
    );
  });
});

const legacy =
  (challenge: Uint8Array, signer = key): Sign =>
  (toSign) => {
    const signature = signInput(toSign, 0, challenge, signer);
    return {
      scriptSig: concatBytes(pushData(signature), pushData(signer.publicKey)),
      witness: [],
    };
  };
const p2pkh = p2pkhScript(hash160(key.publicKey));
const multisig = multisigScript(1, [other.publicKey, key.publicKey]);
const multisigSolution: Sign = (toSign) => ({
  scriptSig: concatBytes(Uint8Array.of(0), pushData(signInput(toSign, 0, multisig, key))),
  witness: [],
});

describe.each<[string, Uint8Array, Sign]>([
  ["a key hash", p2pkh, legacy(p2pkh)],
  ["one of two keys", multisig, multisigSolution],
  [
    "one of two keys behind a script hash",
    p2shScript(hash160(multisig)),
    (toSign) => {
      const { scriptSig } = multisigSolution(toSign);
      return { scriptSig: concatBytes(scriptSig, pushData(multisig)), witness: [] };
    },
  ],
  [
    "one of two keys behind a witness script hash",
    p2wshScript(sha256(multisig)),
    (toSign) => {
      const scriptPubKey = p2wshScript(sha256(multisig));
      const spend = new TransactionSpend(toSign, [{ value: 0n, scriptPubKey }]);
      const hash = witnessSighash(spend, 0, multisig, SIGHASH_ALL);
      const compact = secp256k1.sign(hash, key.secretKey, { prehash: false });
      const signature = concatBytes(encodeDerSignature(compact), Uint8Array.of(SIGHASH_ALL));
      return { scriptSig: EMPTY, witness: [EMPTY, signature, multisig] };
    },
  ],
])("a signet of %s", (_, challenge, sign) => {
  const chain = new TestChain(easySignet(challenge));

  test("takes blocks that are signed, and no others", () => {
    for (let i = 0; i < 3; i++) chain.connect(solved(chain, sign));
    expect(chain.tip.height).toBe(3);
    for (const block of [
      chain.next(),
      chain.next({ commit: true }),
      blockWith(chain, pushData(MARK)),
    ]) {
      expect(summary(chain.validate(block))).toBe(BAD);
    }
  });

  test("a solution is good for one block", () => {
    const block = solved(chain, sign);
    const coinbase = block.transactions[0]!;
    const again = makeBlock({
      parent: chain.tip,
      params: chain.params,
      coinbase,
      header: { time: block.header.time + 1 },
    });
    expect(summary(chain.validate(block))).toBe("ok");
    expect(summary(chain.validate(again))).toBe(BAD);
  });

  test("nobody else's will do, and no flipped bit", () => {
    const bit = (toSign: Transaction): Solution => {
      const { scriptSig, witness } = sign(toSign);
      const flip = (bytes: Uint8Array): Uint8Array =>
        bytes.map((byte, i) => (i === 12 ? byte ^ 1 : byte));
      return scriptSig.length > 0
        ? { scriptSig: flip(scriptSig), witness }
        : { scriptSig, witness: witness.map((item, i) => (i === 1 ? flip(item) : item)) };
    };
    for (const wrong of [legacy(challenge, other), bit]) {
      expect(summary(chain.validate(solved(chain, wrong)))).toBe(BAD);
    }
  });

  test("covers all transactions and their order", () => {
    const [a, b] = [1, 2].map(
      (lockTime) =>
        new Transaction({
          ...chain.blocks[1]!.transactions[0]!,
          inputs: [
            {
              prevout: { txid: chain.blocks[1]!.transactions[0]!.txid, vout: lockTime },
              scriptSig: EMPTY,
              sequence: 0,
              witness: [],
            },
          ],
          lockTime,
        }),
    ) as [Transaction, Transaction];
    const block = solved(chain, sign, [a, b]);
    const check = (transactions: readonly Transaction[]): string => {
      const root = merkleRoot(transactions.map(({ txid }) => txid)).root;
      const header = new BlockHeader({ ...block.header, merkleRoot: root });
      return summary(
        checkSignetSolution(new Block(header, transactions), chain.params, nobleVerifier),
      );
    };
    const coinbase = block.transactions[0]!;
    expect(check([coinbase, a, b])).toBe("ok");
    for (const list of [[coinbase, b, a], [coinbase, a], [coinbase]]) {
      expect(check(list)).toBe(BAD);
    }
  });
});

describe("solutions", () => {
  // OP_TRUE: all that counts is whether the solution can be read.
  const chain = new TestChain(easySignet(Uint8Array.of(0x51)));
  const push = (hex: string): Uint8Array => pushData(concatBytes(MARK, hexToBytes(hex)));

  test.each<[string, Uint8Array, boolean]>([
    ["none", EMPTY, true],
    ["the mark alone", pushData(MARK), true],
    ["empty script, no witness", push("0000"), true],
    ["a script of pushes", push("02515100"), true],
    ["a witness that the challenge has no use for", push("000101aa"), false],
    ["bytes left over", push("000000"), false],
    ["no count of the witness", push("00"), false],
    ["a script that ends too early", push("0251"), false],
    ["a witness that ends too early", push("000201aa"), false],
    ["a length in a longer form than it needs", push("fd000000"), false],
    ["a length that is out of all proportion", push("feffffff7f"), false],
    ["a count that is out of all proportion", push("00feffffff01"), false],
    ["the first of two counts", concatBytes(push("0000"), push("ff")), true],
    ["so does a bad one", concatBytes(push("ff"), push("0000")), false],
    ["behind the script's end", concatBytes(Uint8Array.of(0x4b), push("ff")), true],
    ["not as a push", MARK, true],
  ])("%s", (_, after, expected) => {
    expect(summary(chain.validate(blockWith(chain, after)))).toBe(expected ? "ok" : BAD);
  });

  test("a block must commit to its witnesses, and the last commitment counts", () => {
    expect(summary(chain.validate(chain.next()))).toBe(BAD);
    expect(checkSignetSolution(chain.next(), chain.params, nobleVerifier)).toMatchObject({
      debug: "block solution parse failure",
    });
    const draft = blockWith(chain, push("ff")).transactions[0]!;
    const last = chain.next({ commit: true }).transactions[0]!.outputs[1]!;
    const coinbase = new Transaction({ ...draft, outputs: [...draft.outputs, last] });
    expect(summary(chain.validate(chain.next({ coinbase })))).toBe("ok");
  });

  test("the rest of the script is covered as Core writes it anew", () => {
    // Pushes in their shortest form, an empty push by its opcode alone, and nothing from what can't be read on.
    const block = blockWith(chain, concatBytes(push("0000"), hexToBytes("4c02abcd4c006105aa")));
    const draft = blockWith(chain, concatBytes(pushData(MARK), hexToBytes("02abcd4c61")));
    const { toSpend } = signetTransactions(block, p2pkh)!;
    const [{ scriptSig }] = toSpend.inputs as readonly [TxInput];
    // OP_0, the length of a push, version and parent are before the root, the time behind it.
    expect(idFromBytes(scriptSig.slice(2 + 4 + 32, -4))).toBe(draft.header.merkleRoot);
    expect(scriptSig.length).toBe(2 + 4 + 32 + 32 + 4);
  });

  test("no bytes make it throw", () => {
    const tails = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => pushData(concatBytes(MARK, bytes))),
    );
    const block = chain.next({ commit: true });
    const [coinbase] = block.transactions as [Transaction];
    fc.assert(
      fc.property(tails, fc.boolean(), (tail, cut) => {
        const outputs = coinbase.outputs.map((output) => ({
          ...output,
          scriptPubKey: cut ? tail : concatBytes(output.scriptPubKey, tail),
        }));
        const changed = new Block(block.header, [new Transaction({ ...coinbase, outputs })]);
        const verdict = checkSignetSolution(changed, chain.params, nobleVerifier);
        expect(["ok", BAD]).toContain(summary(verdict));
      }),
    );
  });

  test("a script as long as a block can hold is read like any other", () => {
    const block = chain.next({ commit: true });
    const [coinbase] = block.transactions as [Transaction];
    const operations = new Uint8Array(900_000).fill(0x51);
    const outputs = coinbase.outputs.map((output) => ({
      ...output,
      scriptPubKey: concatBytes(output.scriptPubKey, push("0000"), operations),
    }));
    const long = new Block(block.header, [new Transaction({ ...coinbase, outputs })]);
    expect(summary(checkSignetSolution(long, chain.params, nobleVerifier))).toBe("ok");
  });

  test("are nobody's business where there is no challenge", () => {
    const plain = new TestChain();
    expect(plain.params.signetChallenge).toBeUndefined();
    expect(summary(plain.validate(plain.next()))).toBe("ok");
  });
});
