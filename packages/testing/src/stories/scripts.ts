/** Blocks that spend every kind of output, well and badly, and scripts that reach each limit of the language. */
import {
  concatBytes,
  type LocatedCoin,
  pushData,
  type ScriptErrorName,
  scriptErrorSentence,
  scriptFromAsm,
  type Transaction,
} from "@chain/core";
import { payment } from "../blockFactory.ts";
import { type Defect, OUTPUT_KINDS, type OutputKind, type Puzzle, puzzle } from "../spends.ts";
import { type Placed, pay, Story, spend, unlocked, unsigned } from "./story.ts";

const MISSING = "consensus: bad-txns-inputs-missingorspent";
const NONE = new Uint8Array(0);

export function scriptFails(error: ScriptErrorName): string {
  return `consensus: mandatory-script-verify-flag-failed (${scriptErrorSentence(error)})`;
}

/** A block of these; with the commitment that witnesses need. */
function blockOf(...transactions: readonly Transaction[]) {
  return { transactions, commit: transactions.some(({ hasWitness }) => hasWitness) };
}

const DEFECTS: readonly Defect[] = [
  "wrong key",
  "wrong amount",
  "flipped bit",
  "other outputs",
  "nothing",
  "one item more",
  "unknown hash type",
  "high S",
];

/** The script error that a defect leads to; undefined: none that a block would be refused for. */
function failureOf({ name, signing }: OutputKind, defect: Defect): ScriptErrorName | undefined {
  const isTaproot = signing === "taproot";
  switch (defect) {
    case "wrong key":
    case "flipped bit":
    case "other outputs":
      return isTaproot ? "SCHNORR_SIG" : "EVAL_FALSE";
    case "wrong amount": // which legacy signatures do not cover
      if (signing === "legacy") return undefined;
      return isTaproot ? "SCHNORR_SIG" : "EVAL_FALSE";
    case "nothing":
      if (signing === "legacy" || name === "P2TR by a script") return "INVALID_STACK_OPERATION";
      return name.endsWith("WPKH") ? "WITNESS_PROGRAM_MISMATCH" : "WITNESS_PROGRAM_WITNESS_EMPTY";
    case "one item more":
      if (signing === "legacy") return undefined;
      return name.endsWith("WPKH") ? "WITNESS_PROGRAM_MISMATCH" : "CLEANSTACK";
    case "unknown hash type":
      return isTaproot ? "SCHNORR_SIG_HASHTYPE" : undefined;
    case "high S":
      return undefined;
    default:
      return defect satisfies never;
  }
}

/** A Schnorr signature has no second s, and its output no script that an item more could confuse. */
function applies({ name, signing }: OutputKind, defect: Defect): boolean {
  if (signing !== "taproot") return true;
  return defect !== "high S" && !(defect === "one item more" && name === "P2TR by its key");
}

/** Outputs of each kind, spent in every way. */
export function spendsOfEveryKind(): Story {
  const story = new Story("spends of every kind");
  const money = story.coin(story.good("the money"));
  const rounds = DEFECTS.length + 4;
  const outputs = OUTPUT_KINDS.flatMap(({ script }) =>
    Array.from({ length: 2 * rounds }, () => pay(1_000n, script)),
  );
  const made = story.good("outputs of every kind", blockOf(payment({ coins: [money], outputs })));
  OUTPUT_KINDS.forEach((kind, k) => {
    const coins = (round: number): readonly LocatedCoin[] =>
      [0, 1].map((i) => story.coin(made, 1, 2 * (k * rounds + round) + i));
    const paid = [pay(700n), pay(1_200n)];
    const expect = (what: string, transaction: Transaction, error?: ScriptErrorName): void => {
      const name = `${kind.name}: ${what}`;
      if (error === undefined) story.good(name, blockOf(transaction));
      else story.bad(name, scriptFails(error), blockOf(transaction));
    };
    DEFECTS.forEach((defect, round) => {
      if (!applies(kind, defect)) return;
      expect(defect, spend(kind, coins(round), paid, defect), failureOf(kind, defect));
    });
    let round = DEFECTS.length;
    const good = spend(kind, coins(round), paid);
    expect("as it should be", good);
    story.bad(`${kind.name}: spent before`, MISSING, blockOf(spend(kind, coins(round), [pay(1n)])));
    round++;
    const twice = [
      spend(kind, coins(round), [pay(1n, kind.script)]),
      spend(kind, coins(round), [pay(2n, kind.script)]),
    ];
    story.bad(`${kind.name}: spent twice in a block`, MISSING, blockOf(...twice));

    const there = spend(kind, coins(round), [pay(2_000n, kind.script)]);
    const coin = {
      outpoint: { txid: there.txid, vout: 0 },
      coin: { ...pay(2_000n, kind.script), height: story.tip.height + 1, coinbase: false },
    };
    const back = spend(kind, [coin], [pay(2_000n)]);
    story.bad(`${kind.name}: child before its parent`, MISSING, blockOf(back, there));
    story.good(`${kind.name}: made and spent in one block`, blockOf(there, back));
    round++;
    // Signatures in the place where they don't belong.
    const [first] = good.inputs;
    const { scriptSig, witness } = spend(kind, coins(round), paid).inputs[0] ?? first!;
    const blank = unsigned(coins(round).slice(0, 1), [pay(1_000n)]);
    if (kind.signing === "legacy") {
      const spent = spend(kind, coins(round).slice(0, 1), [pay(1_000n)]);
      const both = unlocked(spent, spent.inputs[0]!.scriptSig, [Uint8Array.of(1)]);
      expect("with a witness", both, "WITNESS_UNEXPECTED");
      const moved = unlocked(blank, NONE, [scriptSig]);
      expect("all of it in the witness", moved, "INVALID_STACK_OPERATION");
      return;
    }
    const nested = scriptSig.length > 0;
    const pushed = unlocked(blank, concatBytes(Uint8Array.of(0x51), scriptSig), witness);
    expect("with a scriptSig", pushed, nested ? "WITNESS_MALLEATED_P2SH" : "WITNESS_MALLEATED");
    if (!nested) return;
    const long = concatBytes(Uint8Array.of(0x4c), scriptSig);
    expect("a longer push", unlocked(blank, long, witness), "WITNESS_MALLEATED_P2SH");
    expect("no scriptSig", unlocked(blank, NONE, witness), "INVALID_STACK_OPERATION");
  });
  return story;
}

interface Case {
  readonly asm: string;
  /** The items for its stack, as script. */
  readonly stack?: string;
  readonly error?: ScriptErrorName;
  /** In tapscript, where that differs; false: not asked. */
  readonly tapscript?: ScriptErrorName | "good" | false;
}

const times = (count: number, word: string): string => Array(count).fill(word).join(" ");
const KEY = `0x21 0x02${"11".repeat(32)}`;

const DISABLED = "CAT SUBSTR LEFT RIGHT INVERT AND OR XOR 2MUL 2DIV MUL DIV MOD LSHIFT RSHIFT";

const CASES: readonly Case[] = [
  { asm: "ADD 5 EQUAL", stack: "2 3" },
  { asm: "ADD 5 EQUAL", stack: "2 2", error: "EVAL_FALSE" },
  { asm: "ADD 5 EQUAL", stack: "5", error: "INVALID_STACK_OPERATION" },
  { asm: "1 RETURN", error: "OP_RETURN" },
  { asm: "0 IF RETURN ENDIF 1" },
  { asm: "1 IF 1", error: "UNBALANCED_CONDITIONAL" },
  { asm: "1 ENDIF", error: "UNBALANCED_CONDITIONAL" },
  { asm: "1 ELSE", error: "UNBALANCED_CONDITIONAL" },
  { asm: "IF 1 ENDIF 1", error: "UNBALANCED_CONDITIONAL" },
  { asm: "NOTIF 1 ENDIF 1", error: "UNBALANCED_CONDITIONAL" },
  { asm: "IF 1 ELSE 0 ENDIF", stack: "1" },
  { asm: "NOTIF 1 ELSE 0 ENDIF", stack: "1", error: "EVAL_FALSE" },
  // In blocks only tapscript is strict about what true looks like.
  { asm: "IF 1 ELSE 0 ENDIF", stack: "2", tapscript: "TAPSCRIPT_MINIMALIF" },
  { asm: "1 VERIFY 1" },
  { asm: "0 VERIFY 1", error: "VERIFY" },
  { asm: "1 2 EQUALVERIFY 1", error: "EQUALVERIFY" },
  { asm: "1 2 NUMEQUALVERIFY 1", error: "NUMEQUALVERIFY" },
  { asm: "FROMALTSTACK", error: "INVALID_ALTSTACK_OPERATION" },
  { asm: "0 IF VER ENDIF 1" },
  { asm: "VER", error: "BAD_OPCODE", tapscript: "good" }, // OP_SUCCESS98
  { asm: "0 IF VERIF ENDIF 1", error: "BAD_OPCODE" },
  { asm: "0 IF VERNOTIF ENDIF 1", error: "BAD_OPCODE" },
  { asm: "RESERVED", error: "BAD_OPCODE", tapscript: "good" }, // OP_SUCCESS80
  { asm: "0xba", error: "BAD_OPCODE", tapscript: "INVALID_STACK_OPERATION" }, // OP_CHECKSIGADD
  { asm: "0xff", error: "BAD_OPCODE" },
  { asm: "0xfe 0", error: "BAD_OPCODE", tapscript: "good" }, // OP_SUCCESS254
  ...DISABLED.split(" ").map(
    (name): Case => ({
      asm: `0 IF ${name} ENDIF 1`,
      error: "DISABLED_OPCODE",
      tapscript: "good", // OP_SUCCESSx
    }),
  ),
  { asm: `${times(200, "NOP")} 1` },
  { asm: `${times(201, "NOP")} 1` },
  { asm: `${times(202, "NOP")} 1`, error: "OP_COUNT", tapscript: "good" },
  {
    asm: `${times(200, "DUP")} ${times(100, "2DROP")} `,
    stack: "1",
    error: "OP_COUNT",
    tapscript: "good",
  },
  { asm: "NOP1 NOP4 NOP10 1" },
  { asm: "ADD 0x05 0x0000008000 EQUAL", stack: "0x04 0xffffff7f 1" },
  { asm: "ADD", stack: "0x05 0x0000008000 1", error: "SCRIPTNUM" },
  { asm: "ADD 3 EQUAL", stack: "0x02 0x0200 1" }, // not minimal: a matter of policy
  { asm: "SIZE 0x02 0x0802 EQUAL NIP", stack: `0x4d 0x0802 0x${"00".repeat(520)}` },
  { asm: "0 0 CHECKMULTISIG", stack: "0", tapscript: "TAPSCRIPT_CHECKMULTISIG" },
  {
    asm: "0 0 CHECKMULTISIG",
    stack: "1",
    error: "SIG_NULLDUMMY",
    tapscript: "TAPSCRIPT_CHECKMULTISIG",
  },
  { asm: "0 0x01 0x15 CHECKMULTISIG", stack: "0", error: "PUBKEY_COUNT", tapscript: false },
  { asm: "0 -1 CHECKMULTISIG", stack: "0", error: "PUBKEY_COUNT", tapscript: false },
  { asm: `1 0 CHECKMULTISIG`, stack: "0 0", error: "SIG_COUNT", tapscript: false },
  {
    asm: `${KEY} CHECKSIG`,
    stack: "0x09 0x300602018102010101",
    error: "SIG_DER",
    tapscript: false,
  },
  { asm: `${KEY} CHECKSIG NOT`, stack: "0", tapscript: "good" },
  {
    asm: `${KEY} CHECKSIGVERIFY 1`,
    stack: "0",
    error: "CHECKSIGVERIFY",
    tapscript: "CHECKSIGVERIFY",
  },
  { asm: "0 CHECKSIG", stack: "0", error: "EVAL_FALSE", tapscript: "TAPSCRIPT_EMPTY_PUBKEY" },
  { asm: `0 1 ${KEY} CHECKSIGADD 1 EQUAL`, error: "BAD_OPCODE", tapscript: "good" },
  { asm: "CODESEPARATOR 1" },
  {
    asm: "SHA256 0x20 0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d EQUAL",
    stack: "0x01 0x00",
  },
];

/** Puzzles in P2SH, in P2WSH and in tapscript. */
export function languageLimits(): Story {
  const story = new Story("the limits of the language");
  const money = story.coin(story.good("the money"));
  const all = CASES.map((each) => ({ ...each, puzzle: puzzle(each.asm) }));
  const outputs = all.flatMap(({ puzzle: { p2sh, p2wsh, p2tr } }) =>
    [p2sh, p2wsh, p2tr].map((script) => pay(1_000n, script)),
  );
  const made = story.good("puzzles", blockOf(payment({ coins: [money], outputs })));
  all.forEach((each, n) => {
    tryPuzzle(story, made, n, each);
  });
  return story;
}

function tryPuzzle(
  story: Story,
  made: Placed,
  n: number,
  {
    asm,
    stack = "",
    error,
    tapscript = error ?? "good",
    puzzle: made_,
  }: Case & { readonly puzzle: Puzzle },
): void {
  const { code, control } = made_;
  const items = scriptFromAsm(stack);
  const witness = itemsOf(items);
  const [p2sh, p2wsh, p2tr] = [0, 1, 2].map((i) =>
    unsigned([story.coin(made, 1, 3 * n + i)], [pay(1_000n)]),
  ) as [Transaction, Transaction, Transaction];
  const name = (where: string): string => `${where}: ${stack.slice(0, 40)} | ${asm.slice(0, 60)}`;
  const send = (where: string, transaction: Transaction, failure?: ScriptErrorName): void => {
    if (failure === undefined) story.good(name(where), blockOf(transaction));
    else story.bad(name(where), scriptFails(failure), blockOf(transaction));
  };
  // A redeem script is pushed, and no push is longer.
  const tooLong = code.length > 520;
  send("P2SH", unlocked(p2sh, concatBytes(items, pushData(code))), tooLong ? "PUSH_SIZE" : error);
  send("P2WSH", unlocked(p2wsh, NONE, [...witness, code]), error);
  if (tapscript === false) return;
  const inLeaf = unlocked(p2tr, NONE, [...witness, code, control]);
  send("tapscript", inLeaf, tapscript === "good" ? undefined : tapscript);
}

/** The items that a script of pushes leaves on the stack. */
function itemsOf(pushes: Uint8Array): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let at = 0; at < pushes.length; ) {
    const opcode = pushes[at] as number;
    if (opcode >= 0x51 && opcode <= 0x60) {
      items.push(Uint8Array.of(opcode - 0x50));
      at++;
      continue;
    }
    const wide = opcode === 0x4d;
    const start = at + (wide ? 3 : 1);
    const length = wide ? (pushes[at + 1] as number) + 256 * (pushes[at + 2] as number) : opcode;
    items.push(pushes.slice(start, start + length));
    at = start + length;
  }
  return items;
}

/** The sizes that only witness scripts can have, and those that nobody can. */
export function sizeLimits(): Story {
  const story = new Story("sizes of scripts, pushes and stacks");
  const money = story.coin(story.good("the money"));
  const long = (bytes: number): string =>
    `${times(19, `0x4d 0x0802 0x${"00".repeat(520)} DROP`)} ${times(bytes - 19 * 524 - 1, "NOP")} 1`;
  const cases: readonly Case[] = [
    { asm: long(10_000) },
    { asm: long(10_001), error: "SCRIPT_SIZE", tapscript: "good" },
    { asm: `0x4d 0x0902 0x${"00".repeat(521)} 1`, error: "PUSH_SIZE" },
    {
      asm: `${times(1_000, "1")} ${times(100, "2DROP")}`,
      error: "CLEANSTACK",
      tapscript: "CLEANSTACK",
    },
    {
      asm: `${times(1_001, "1")} ${times(100, "2DROP")}`,
      error: "STACK_SIZE",
      tapscript: "STACK_SIZE",
    },
    { asm: `500 ${times(1, "DROP")} 1` },
  ];
  const all = cases.map((each) => ({ ...each, puzzle: puzzle(each.asm) }));
  const outputs = all.flatMap(({ puzzle: { p2wsh, p2tr } }) => [
    pay(1_000n, p2wsh),
    pay(1_000n, p2tr),
  ]);
  const made = story.good("long ones", blockOf(payment({ coins: [money], outputs })));
  all.forEach(({ asm, error, tapscript = error ?? "good", puzzle: { code, control } }, n) => {
    const send = (
      where: string,
      vout: number,
      witness: Uint8Array[],
      failure?: ScriptErrorName,
    ) => {
      const blank = unsigned([story.coin(made, 1, vout)], [pay(1_000n)]);
      const transaction = unlocked(blank, NONE, witness);
      const name = `${where}: ${code.length} bytes, ${asm.slice(0, 40)}`;
      if (failure === undefined) story.good(name, blockOf(transaction));
      else story.bad(name, scriptFails(failure), blockOf(transaction));
    };
    send("P2WSH", 2 * n, [code], error);
    if (tapscript === false) return;
    send("tapscript", 2 * n + 1, [code, control], tapscript === "good" ? undefined : tapscript);
  });
  return story;
}
