import { inspect } from "node:util";
import {
  Block,
  BlockHeader,
  coinToJson,
  mainnet,
  outputToJson,
  Transaction,
  ZERO_TXID,
} from "@chain/core";
import { describe, expect, test } from "vitest";

const { genesis } = mainnet;
const [coinbase] = genesis.transactions;
const TXID = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
const HASH = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";

const header = {
  hash: HASH,
  version: 1,
  previousHash: "0".repeat(64),
  merkleRoot: TXID,
  time: 1231006505,
  bits: "1d00ffff",
  nonce: 2083236893,
};

describe("the first block of Bitcoin", () => {
  test("its header in JSON", () => {
    expect(JSON.parse(JSON.stringify(genesis.header))).toEqual(header);
  });

  test("its transaction in JSON", () => {
    expect(JSON.parse(JSON.stringify(coinbase))).toEqual({
      txid: TXID,
      wtxid: TXID,
      version: 1,
      lockTime: 0,
      size: 204,
      virtualSize: 204,
      weight: 816,
      inputs: [
        {
          prevout: { txid: ZERO_TXID, vout: 0xffff_ffff },
          scriptSig: expect.stringMatching(/^04ffff001d0104455468652054696d6573/),
          sequence: 0xffff_ffff,
          witness: [],
        },
      ],
      outputs: [{ value: "50", scriptPubKey: expect.stringMatching(/^4104678afdb0.*ac$/) }],
    });
  });

  test("all of it in JSON", () => {
    const block = JSON.parse(JSON.stringify(genesis));
    expect(block).toMatchObject({ ...header, size: 285, weight: 1140 });
    expect(block.transactions).toEqual([JSON.parse(JSON.stringify(coinbase))]);
  });

  test("in console.log", () => {
    expect(inspect(genesis.header)).toMatch(/^BlockHeader \{\s+hash: '000000000019d668/);
    expect(inspect({ coinbase })).toMatch(/coinbase: Transaction \{\s+txid: '4a5e1e4b/);
    expect(inspect(coinbase)).toContain("value: '50'");
    expect(inspect(genesis)).toMatch(/^Block \{\s+hash: '0000/);
    expect(inspect(genesis)).toContain(`transactions: [\n    '${TXID}'\n  ]`);
    expect(inspect([genesis], { depth: 0 })).not.toContain("[Object]");
  });

  test("where nobody hands in a function to show objects", () => {
    const show = Symbol.for("nodejs.util.inspect.custom");
    const shown = (genesis.header as unknown as Record<symbol, () => string>)[show]?.();
    expect(shown).toBe(`BlockHeader ${JSON.stringify(genesis.header)}`);
  });
});

test("amounts are exact, whatever is in a transaction", () => {
  const outputs = [1n, 10n ** 8n, 2_099_999_997_690_000n, -1n, 2n ** 63n - 1n].map((value) => ({
    value,
    scriptPubKey: new Uint8Array(),
  }));
  const transaction = new Transaction({ version: 2, inputs: [], outputs, lockTime: 0 });
  expect(transaction.toJSON().outputs.map(({ value }) => value)).toEqual([
    "0.00000001",
    "1",
    "20999999.9769",
    "-0.00000001",
    "92233720368.54775807",
  ]);
});

test("witnesses are hex", () => {
  const prevout = { txid: ZERO_TXID, vout: 0 };
  const witness = [Uint8Array.of(1, 255), new Uint8Array()];
  const input = { prevout, scriptSig: new Uint8Array(), sequence: 0, witness };
  const transaction = new Transaction({ version: 2, inputs: [input], outputs: [], lockTime: 0 });
  expect(transaction.toJSON().inputs[0]?.witness).toEqual(["01ff", ""]);
});

test("numbers in hex keep their zeros", () => {
  const { version, previousHash, merkleRoot, time, nonce } = genesis.header;
  const fields = { version, previousHash, merkleRoot, time, nonce, bits: 0x00ff_ffff };
  const other = new BlockHeader(fields);
  expect(other.toJSON().bits).toBe("00ffffff");
  expect(new Block(other, []).toJSON().transactions).toEqual([]);
});

test("an output and a coin, each by itself", () => {
  const output = { value: 150_000_000n, scriptPubKey: Uint8Array.of(0x51, 0xff) };
  const coin = { ...output, height: 7, coinbase: true };
  const json = { value: "1.5", scriptPubKey: "51ff" };
  expect(() => JSON.stringify(output)).toThrow(TypeError);
  expect(JSON.parse(JSON.stringify(outputToJson(output)))).toEqual(json);
  expect(JSON.parse(JSON.stringify(coinToJson(coin)))).toEqual({
    ...json,
    height: 7,
    coinbase: true,
  });
});
