/** Calls that sign and make transactions, and such as are refused, to ask of two nodes. */
import {
  bytesToHex,
  hash160,
  p2shScript,
  p2wpkhScript,
  p2wshScript,
  regtest,
  sha256,
} from "@chain/core";
import { addressOfScript, encodeAddress, PrivateKey, toWif } from "@chain/wallet";
import { signMessage } from "@chain/wallet/message";
import type { Json } from "../../src/json/parse.ts";

export type Question = readonly [method: string, ...params: Json[]];
type Ask = (method: string, ...params: readonly Json[]) => Promise<string>;

const TXID = "ab".repeat(32);
const [alice, bob] = [1, 2].map((n) => new PrivateKey(new Uint8Array(32).fill(n))) as [
  PrivateKey,
  PrivateKey,
];
const wifs = [alice, bob].map((key) => toWif(key, regtest));
const keys = [alice, bob].map((key) => bytesToHex(key.publicKey));
const [aliceWif = "", bobWif = ""] = wifs;
const [aliceKey = "", bobKey = ""] = keys;
const open = bytesToHex(new PrivateKey(alice.toBytes(), { compressed: false }).publicKey);
const hexOf = (script: Uint8Array) => bytesToHex(script);

const wpkh = p2wpkhScript(hash160(alice.publicKey));
const multisig = Uint8Array.of(0x52, 0x21, ...alice.publicKey, 0x21, ...bob.publicKey, 0x52, 0xae);
const wsh = p2wshScript(sha256(multisig));
const address = addressOfScript(wpkh, regtest) ?? "";
const p2pkh = encodeAddress({ type: "p2pkh", hash: hash160(alice.publicKey) }, regtest);
const outputs = [{ [address]: 0.5 }];
const output = { txid: TXID, vout: 0, scriptPubKey: hexOf(wpkh) };

/** Outputs of each kind, as a caller tells of them. */
const PREVIOUS: readonly { readonly [name: string]: Json }[] = [
  { ...output, amount: 1 },
  { ...output, scriptPubKey: `76a914${hexOf(hash160(alice.publicKey))}88ac` },
  { ...output, scriptPubKey: `21${aliceKey}ac` },
  {
    ...output,
    scriptPubKey: hexOf(p2shScript(hash160(wpkh))),
    redeemScript: hexOf(wpkh),
    amount: 1,
  },
  { ...output, scriptPubKey: hexOf(multisig) },
  { ...output, scriptPubKey: hexOf(p2shScript(hash160(multisig))), redeemScript: hexOf(multisig) },
  { ...output, scriptPubKey: hexOf(wsh), witnessScript: hexOf(multisig), amount: 1 },
  { ...output, scriptPubKey: hexOf(wsh), redeemScript: hexOf(multisig), amount: "1.5" },
  {
    ...output,
    scriptPubKey: hexOf(p2shScript(hash160(wsh))),
    redeemScript: hexOf(wsh),
    witnessScript: hexOf(multisig),
    amount: 1,
  },
];

/** Outputs that are wrong. */
const WRONG: readonly Json[] = [
  output,
  1,
  { ...output, vout: -1 },
  { ...output, vout: "0" },
  { ...output, txid: "ab" },
  { ...output, txid: 1 },
  { ...output, scriptPubKey: "x" },
  { txid: TXID, vout: 0 },
  { ...output, amount: -1 },
  { ...output, amount: "x" },
  { ...output, scriptPubKey: hexOf(wsh) },
  { ...output, scriptPubKey: hexOf(wsh), witnessScript: 1 },
  { ...output, scriptPubKey: hexOf(wsh), witnessScript: "51" },
  { ...output, scriptPubKey: hexOf(wsh), witnessScript: hexOf(multisig), redeemScript: "51" },
  { ...output, scriptPubKey: hexOf(p2shScript(hash160(wsh))), redeemScript: "51" },
];

const HASH_TYPES = ["DEFAULT", "ALL", "NONE", "SINGLE", "ALL|ANYONECANPAY", "all", "ANYONECANPAY"];

function refusals(psbt: string, other: string, raw: string): readonly Question[] {
  return [
    ["combinerawtransaction", []],
    ["combinerawtransaction", [raw]],
    ["combinerawtransaction", ["00"]],
    ["signrawtransactionwithkey", raw, [aliceWif]],
    ["signrawtransactionwithkey", raw, ["x"]],
    ["signrawtransactionwithkey", raw, [1]],
    ["signrawtransactionwithkey", "00", []],
    ["signrawtransactionwithkey", raw, [], null, 1],
    ["combinepsbt", []],
    ["combinepsbt", [psbt, other]],
    ["combinepsbt", ["?"]],
    ["combinepsbt", [1]],
    ["joinpsbts", [psbt]],
    ["joinpsbts", [psbt, psbt]],
    ["joinpsbts", [psbt, "cHNidP8="]],
    ["finalizepsbt", "cHNidP8"],
    ["finalizepsbt", "cHNidP8="],
    ["converttopsbt", "00"],
    ["createmultisig", 0, keys],
    ["createmultisig", 3, keys],
    ["createmultisig", 1, ["0g"]],
    ["createmultisig", 1, [""]],
    ["createmultisig", 1, ["02"]],
    ["createmultisig", 1, [`02${"ff".repeat(32)}`]],
    ["createmultisig", 1, keys, "bech32m"],
    ["createmultisig", 1, keys, "x"],
    ["createmultisig", 1, Array<string>(16).fill(aliceKey)],
    ["createmultisig", 1, Array<string>(21).fill(aliceKey), "bech32"],
    ["createmultisig", 1.5, keys],
    ["signmessagewithprivkey", "x", "m"],
    ["verifymessage", "x", "AAAA", "m"],
    ["verifymessage", p2pkh, "?", "m"],
    ["verifymessage", p2pkh, "AAAA", "m"],
  ];
}

/** @param ask answers `createrawtransaction` and others on which later calls build */
export async function signingQuestions(ask: Ask): Promise<readonly Question[]> {
  const inputs = (vout: number) => [{ txid: TXID, vout }];
  const raw = await ask("createrawtransaction", inputs(0), outputs);
  const psbt = await ask("createpsbt", inputs(0), outputs);
  const other = await ask("createpsbt", inputs(1), outputs);
  const sign = (...params: readonly Json[]): Question => [
    "signrawtransactionwithkey",
    raw,
    ...params,
  ];
  return [
    ["createpsbt", inputs(0), outputs],
    ["createpsbt", [], [{ data: "00" }], 5, false],
    ["converttopsbt", raw],
    ["converttopsbt", raw, false, true],
    ["combinepsbt", [psbt, psbt]],
    ["analyzepsbt", psbt],
    ["decodepsbt", psbt],
    ["descriptorprocesspsbt", psbt, [`wpkh(${aliceWif})`]],
    ["utxoupdatepsbt", psbt],
    ["utxoupdatepsbt", psbt, [`wpkh(${aliceKey})`]],
    ["finalizepsbt", psbt],
    ["finalizepsbt", psbt, false],
    ...["legacy", "p2sh-segwit", "bech32"].flatMap((type): readonly Question[] => [
      ["createmultisig", 2, keys, type],
      ["createmultisig", 1, [open, bobKey], type],
    ]),
    ["signmessagewithprivkey", aliceWif, "hello"],
    ["signmessagewithprivkey", aliceWif, ""],
    ["verifymessage", p2pkh, signMessage("hello", alice), "hello"],
    ["verifymessage", p2pkh, signMessage("hello", bob), "hello"],
    ...PREVIOUS.flatMap((each) =>
      [[aliceWif], [bobWif], wifs, []].map((given) => sign(given, [each])),
    ),
    ...HASH_TYPES.map((type) => sign([aliceWif], [{ ...output, amount: 1 }], type)),
    ...WRONG.map((each) => sign([aliceWif], [each])),
    ...refusals(psbt, other, raw),
  ];
}
