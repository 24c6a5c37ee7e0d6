import { requireFields } from "../arguments.ts";
import { isPushOnly } from "../script/script.ts";
import { type OutputTemplate, outputTemplate } from "../script/templates.ts";
import { requireTransaction } from "../shapes.ts";
import type { Transaction } from "../transaction.ts";
import { refuse, VALID, type Verdict } from "../verdict.ts";
import { isDust } from "./dust.ts";
import type { Policy } from "./policy.ts";

/** Core 27: TX_MAX_STANDARD_VERSION. From 28 on it is 3 (BIP-0431), whose rules of relay are not kept here. */
const MAX_VERSION = 2;
/** A tenth of a block. Core: MAX_STANDARD_TX_WEIGHT. */
const MAX_WEIGHT = 400_000;
/** Room for 15 of 15 compressed keys behind a script hash. Core: MAX_STANDARD_SCRIPTSIG_SIZE. */
const MAX_SCRIPT_SIG_SIZE = 1650;
const MAX_BARE_MULTISIG_KEYS = 3;

/**
 * Whether a transaction, as far as it can be seen without the coins that it spends, has one of the usual forms. A
 * verdict: `ok` tells. Core: IsStandardTx.
 * @example isStandardTransaction(transaction, policyOf(mainnet))
 */
export function isStandardTransaction(
  transaction: Transaction,
  policy: Pick<Policy, "dustRelayFeeRate" | "maxDataCarrierSize" | "permitBareMultisig">,
): Verdict {
  requireTransaction(transaction, "transaction");
  requireFields(policy, "policy", {
    dustRelayFeeRate: "bigint",
    maxDataCarrierSize: "number",
    permitBareMultisig: "boolean",
  });

  const { version, inputs, outputs } = transaction;
  if (version < 1 || version > MAX_VERSION) return refuse("policy", "version");
  // Large ones with many inputs are dear to hash, so that they could be used against miners.
  if (transaction.weight > MAX_WEIGHT) return refuse("policy", "tx-size");
  for (const { scriptSig } of inputs) {
    if (scriptSig.length > MAX_SCRIPT_SIG_SIZE) return refuse("policy", "scriptsig-size");
    if (!isPushOnly(scriptSig)) return refuse("policy", "scriptsig-not-pushonly");
  }
  let dataCarriers = 0;
  for (const output of outputs) {
    const template = outputTemplate(output.scriptPubKey);
    if (!isStandardOutput(template, output.scriptPubKey.length, policy.maxDataCarrierSize)) {
      return refuse("policy", "scriptpubkey");
    }
    if (template.type === "nulldata") dataCarriers++;
    else if (template.type === "multisig" && !policy.permitBareMultisig) {
      return refuse("policy", "bare-multisig");
    } else if (isDust(output, policy.dustRelayFeeRate)) return refuse("policy", "dust");
  }
  return dataCarriers > 1 ? refuse("policy", "multi-op-return") : VALID;
}

/**
 * Core: IsStandard. Witness programs of future versions are standard, because their sender may know what they will
 * mean.
 */
function isStandardOutput(
  template: OutputTemplate,
  size: number,
  maxDataCarrierSize: number,
): boolean {
  switch (template.type) {
    case "nonstandard":
      return false;
    case "multisig":
      return template.publicKeys.length <= MAX_BARE_MULTISIG_KEYS;
    case "nulldata":
      return size <= maxDataCarrierSize;
    default:
      return true;
  }
}
