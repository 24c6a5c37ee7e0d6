/** An unspent output of a wallet, as `listunspent` has it. */
import { bytesToHex, outputTemplate } from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import { inferDescriptor } from "@chain/wallet/descriptors";
import type { OwnedCoin } from "@chain/wallet/ledger";
import {
  coins,
  flag,
  hex,
  list,
  maybe,
  num,
  obj,
  type SchemaOf,
  text,
} from "../../define/result.ts";
import type { RpcHost } from "../../host.ts";
import { bigNumber, coinsNumber } from "../../json/number.ts";
import { innerScript } from "../addresses/describeOutput.ts";
import type { RpcWallet } from "../host.ts";
import { parentsOf } from "../parents.ts";

export interface UnspentDescription {
  readonly txid: string;
  readonly vout: number;
  readonly address?: string | undefined;
  readonly label?: string | undefined;
  readonly scriptPubKey: string;
  readonly amount: number;
  readonly confirmations: number;
  readonly ancestorcount?: number | undefined;
  readonly ancestorsize?: number | undefined;
  readonly ancestorfees?: number | undefined;
  readonly redeemScript?: string | undefined;
  readonly witnessScript?: string | undefined;
  readonly spendable: boolean;
  readonly solvable: boolean;
  readonly reused?: boolean | undefined;
  readonly desc?: string | undefined;
  readonly parent_descs: readonly string[];
  readonly safe: boolean;
}

export const UNSPENT: SchemaOf<readonly UnspentDescription[]> = list(
  obj({
    txid: hex("the transaction id"),
    vout: num("the vout value"),
    address: maybe(text("the bitcoin address")),
    label: maybe(text('The associated label, or "" for the default label')),
    scriptPubKey: text("the output script"),
    amount: coins("the transaction output amount"),
    confirmations: num("The number of confirmations"),
    ancestorcount: maybe(
      num(
        "The number of in-mempool ancestor transactions, including this one (if transaction is in the mempool)",
      ),
    ),
    ancestorsize: maybe(
      num(
        "The virtual transaction size of in-mempool ancestors, including this one (if transaction is in the mempool)",
      ),
    ),
    ancestorfees: maybe(
      num(
        "The total fees of in-mempool ancestors (including this one) with fee deltas used for mining priority in base units (if transaction is in the mempool)",
      ),
    ),
    redeemScript: maybe(hex("The redeem script if the output script is P2SH")),
    witnessScript: maybe(text("witness script if the output script is P2WSH or P2SH-P2WSH")),
    spendable: flag("(DEPRECATED) Always true"),
    solvable: flag("Whether we know how to spend this output, ignoring the lack of keys"),
    reused: maybe(
      flag(
        "(only present if avoid_reuse is set) Whether this output is reused/dirty (sent to an address that was previously spent from)",
      ),
    ),
    desc: maybe(text("(only when solvable) A descriptor for spending this output")),
    parent_descs: list(
      text("The descriptor string."),
      "List of parent descriptors for the output script of this coin.",
    ),
    safe: flag(
      "Whether this output is considered safe to spend. Unconfirmed transactions\nfrom outside keys and unconfirmed replacement transactions are considered unsafe\nand are not eligible for spending by fundrawtransaction and sendtoaddress.",
    ),
  }),
  "The outputs",
);

export function describeCoin(
  coin: OwnedCoin,
  { ledger }: RpcWallet,
  { chain }: RpcHost,
): UnspentDescription {
  const { outpoint, scriptPubKey, depth, isSolvable } = coin;
  const address = addressOfScript(scriptPubKey, chain.params);
  const label = ledger.addressEntry(scriptPubKey)?.label;
  const provider = ledger.provider([scriptPubKey], false);
  const inner = provider && innerScript(scriptPubKey, provider);
  const isP2sh = outputTemplate(scriptPubKey).type === "scripthash";
  const witnessScript = isP2sh && inner ? provider && innerScript(inner, provider) : inner;
  const entry = depth === 0 ? chain.mempool.get(outpoint.txid) : undefined;
  return {
    txid: outpoint.txid,
    vout: outpoint.vout,
    ...(address !== undefined && { address }),
    ...(label !== undefined && { label }),
    ...(isP2sh && inner !== undefined && { redeemScript: bytesToHex(inner) }),
    ...(witnessScript !== undefined && { witnessScript: bytesToHex(witnessScript) }),
    scriptPubKey: bytesToHex(scriptPubKey),
    amount: coinsNumber(coin.value),
    confirmations: depth,
    ...(entry !== undefined && {
      ancestorcount: entry.ancestors.count,
      ancestorsize: entry.ancestors.size,
      ancestorfees: bigNumber(entry.ancestors.fees),
    }),
    spendable: true,
    solvable: isSolvable,
    ...(isSolvable && {
      desc: inferDescriptor(scriptPubKey, chain.params, provider).toString(),
    }),
    parent_descs: parentsOf(scriptPubKey, ledger),
    ...(ledger.hasFlag("avoidReuse") && { reused: coin.isReused }),
    safe: coin.isSafe,
  };
}
