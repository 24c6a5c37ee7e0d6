/** Coins that a transaction spends: of the chain, of the mempool, and those that a caller tells. */
import {
  type Coin,
  equalBytes,
  hash160,
  MAX_MONEY,
  type Outpoint,
  outpointKey,
  outputTemplate,
  p2shScript,
  p2wshScript,
  scriptToAsm,
  sha256,
  type Txid,
  type TxOutput,
} from "@chain/core";
import type { SigningProvider } from "@chain/wallet/psbt";
import { readAmount, readHash, readHex, readInt32, readObject } from "../define/types.ts";
import {
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_PARAMETER,
  RPC_TYPE_ERROR,
  RpcError,
} from "../errors.ts";
import type { RpcHost } from "../host.ts";
import { type Json, typeName } from "../json/parse.ts";

/** Core: FindCoins (node/coin.cpp): one that a transaction of the mempool spends counts too. */
export async function findCoins(
  outpoints: readonly Outpoint[],
  { chain }: Pick<RpcHost, "chain">,
): Promise<readonly (Coin | undefined)[]> {
  return chain.run(async () => {
    const height = chain.tip.height + 1;
    const stored = await chain.getCoins(outpoints);
    return outpoints.map((each, i) => chain.mempool.coin(each, height) ?? stored[i]);
  });
}

/**
 * Adds what a caller tells of previous outputs to `coins`, by `outpointKey`, and their scripts to the provider, if
 * there is one.
 * Core: ParsePrevouts (rpc/rawtransaction_util.cpp).
 * @throws RpcError -22, -3, -8
 */
export function readPreviousOutputs(
  outputs: readonly Json[],
  provider: SigningProvider | undefined,
  coins: Map<string, TxOutput>,
): void {
  for (const output of outputs) {
    if (typeName(output) !== "object") {
      const message = 'expected object with {"txid\'","vout","scriptPubKey"}';
      throw new RpcError(RPC_DESERIALIZATION_ERROR, message);
    }
    const fields = readObject(output);
    checkType(fields, "txid", "string");
    checkType(fields, "vout", "number");
    checkType(fields, "scriptPubKey", "string");
    const txid = readHash<Txid>(fields["txid"] ?? null, "txid");
    const vout = readInt32(fields["vout"] ?? null);
    if (vout < 0) throw new RpcError(RPC_DESERIALIZATION_ERROR, "vout cannot be negative");
    const scriptPubKey = readHex(fields["scriptPubKey"] ?? null, "scriptPubKey");
    const key = outpointKey({ txid, vout });
    const known = coins.get(key);
    if (known !== undefined && !equalBytes(known.scriptPubKey, scriptPubKey)) {
      const scripts = [known.scriptPubKey, scriptPubKey].map((each) => scriptToAsm(each));
      const message = `Previous output scriptPubKey mismatch:\n${scripts.join("\nvs:\n")}`;
      throw new RpcError(RPC_DESERIALIZATION_ERROR, message);
    }
    const { amount } = fields;
    // Core's mark of an amount that was not told.
    const value = amount === undefined ? MAX_MONEY : readAmount(amount);
    coins.set(key, { value, scriptPubKey });
    if (provider !== undefined) addScripts(fields, scriptPubKey, provider);
  }
}

type Fields = { readonly [name: string]: Json };

function checkType(fields: Fields, name: string, type: "string" | "number"): void {
  const value = fields[name] ?? null;
  if (value === null) throw new RpcError(RPC_TYPE_ERROR, `Missing ${name}`);
  const actual = typeName(value);
  if (actual === type) return;
  const message = `JSON value of type ${actual} for field ${name} is not of expected type ${type}`;
  throw new RpcError(RPC_TYPE_ERROR, message);
}

/** The scripts that a P2SH or P2WSH output is a hash of. A witness script is enough, and may stand in either field. */
function addScripts(fields: Fields, scriptPubKey: Uint8Array, provider: SigningProvider): void {
  const { type } = outputTemplate(scriptPubKey);
  if (type !== "scripthash" && type !== "witness_v0_scripthash") return;
  const { redeemScript = null, witnessScript = null } = fields;
  if (redeemScript !== null) checkType(fields, "redeemScript", "string");
  if (witnessScript !== null) checkType(fields, "witnessScript", "string");
  if (redeemScript === null && witnessScript === null) {
    throw new RpcError(RPC_INVALID_PARAMETER, "Missing redeemScript/witnessScript");
  }
  const script =
    witnessScript === null
      ? readHex(redeemScript, "redeemScript")
      : readHex(witnessScript, "witnessScript");
  const program = p2wshScript(sha256(script));
  provider.addScript(script);
  provider.addScript(program);
  if (witnessScript !== null && redeemScript !== null && witnessScript !== redeemScript) {
    if (!equalBytes(readHex(redeemScript, "redeemScript"), program)) {
      const message = "redeemScript does not correspond to witnessScript";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
  }
  const possible =
    type === "scripthash" ? [script, program].map((each) => p2shScript(hash160(each))) : [program];
  if (possible.some((each) => equalBytes(each, scriptPubKey))) return;
  const message = "redeemScript/witnessScript does not match scriptPubKey";
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}
