/** Commitments to the witnesses of a block (BIP-0141). */
import {
  concatBytes,
  type LocatedCoin,
  type Transaction,
  type TxOutput,
  witnessCommitmentScript,
} from "@chain/core";
import { witnessCoinbase } from "../blockFactory.ts";
import { OUTPUT_KINDS } from "../spends.ts";
import { ANYONE, pay, type Story, spend, unsigned, ZEROS } from "./story.ts";

const MISMATCH = "mutated: bad-witness-merkle-match";
const NONCE_SIZE = "mutated: bad-witness-nonce-size";
const UNEXPECTED = "mutated: unexpected-witness";

/** A transaction with a witness; its coin is in a block that is sent first. */
function withWitness(story: Story, name: string, coin: LocatedCoin): Transaction {
  const { value } = coin.coin;
  const kind = OUTPUT_KINDS.find((each) => each.name === "P2WPKH")!;
  const locked = story.good(name, { transactions: [unsigned([coin], [pay(value, kind.script)])] });
  return spend(kind, [story.coin(locked, 1)], [pay(value, ANYONE)]);
}

function commitment(story: Story, of: readonly Transaction[]): TxOutput {
  return pay(0n, witnessCommitmentScript([story.coinbase([]), ...of], ZEROS));
}

function changed({ scriptPubKey }: TxOutput, change: (script: Uint8Array) => Uint8Array): TxOutput {
  return pay(0n, change(scriptPubKey));
}

/** A block with these commitments and this witness of its coinbase. */
function block(
  story: Story,
  commitments: readonly TxOutput[],
  witness: readonly Uint8Array[],
  transactions: readonly Transaction[],
) {
  const coinbase = witnessCoinbase(story.coinbase([pay(1n), ...commitments]), witness);
  return { coinbase, transactions };
}

/** @param coin gives another coin each time */
export function witnessCommitments(story: Story, coin: () => LocatedCoin): void {
  const spends = withWitness(story, "a witness program", coin());
  const right = commitment(story, [spends]);
  const wrong = commitment(story, []);
  const bad = (
    name: string,
    expected: string,
    commitments: readonly TxOutput[],
    witness: readonly Uint8Array[],
    transactions = [spends],
  ) => story.bad(name, expected, block(story, commitments, witness, transactions));
  bad("a witness and no commitment", UNEXPECTED, [], []);
  bad("only the coinbase has a witness", UNEXPECTED, [], [ZEROS], []);
  bad("another commitment", MISMATCH, [wrong], [ZEROS]);
  bad("the last of two commitments is wrong", MISMATCH, [right, wrong], [ZEROS]);
  bad("another reserved value", MISMATCH, [right], [new Uint8Array(32).fill(1)]);
  bad("no reserved value", NONCE_SIZE, [right], []);
  bad("a reserved value of 31 bytes", NONCE_SIZE, [right], [new Uint8Array(31)]);
  bad("a reserved value of 33 bytes", NONCE_SIZE, [right], [new Uint8Array(33)]);
  bad("two reserved values", NONCE_SIZE, [right], [ZEROS, ZEROS]);
  const short = changed(right, (script) => script.slice(0, 37));
  bad("a commitment that is too short", UNEXPECTED, [short], [ZEROS]);
  const otherHeader = changed(right, (script) =>
    script.map((byte, i) => (i === 3 ? byte ^ 1 : byte)),
  );
  bad("a commitment that begins otherwise", UNEXPECTED, [otherHeader], [ZEROS]);

  story.good("a commitment and no witness", block(story, [commitment(story, [])], [ZEROS], []));
  story.good(
    "a commitment to the wrong thing before the right one",
    block(story, [wrong, right], [ZEROS], [spends]),
  );
  const second = withWitness(story, "another witness program", coin());
  const longer = changed(commitment(story, [second]), (script) =>
    concatBytes(script, Uint8Array.of(7, 7)),
  );
  story.good("a commitment with something behind it", block(story, [longer], [ZEROS], [second]));
}
