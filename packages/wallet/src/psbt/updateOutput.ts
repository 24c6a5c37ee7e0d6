/** Fills in the facts known of an output that a PSBT pays. Core: UpdatePSBTOutput. */
import { outputTemplate, type TxOutput } from "@chain/core";
import type { SigningProvider } from "../signingProvider.ts";
import type { SignatureCreator } from "./creator.ts";
import { OUT } from "./fields.ts";
import type { PsbtMap } from "./psbtMap.ts";
import { addTaprootKeys } from "./signInput.ts";
import { Solution } from "./solution.ts";
import { solve } from "./solve.ts";
import { encodeOrigin, encodeTaprootTree } from "./values.ts";
import { psbtOutput } from "./view.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** Nothing is signed here; keys and scripts are all that is looked for. */
const NO_CREATOR: SignatureCreator = {
  checker: {
    checkEcdsaSignature: () => false,
    checkSchnorrSignature: () => "SCHNORR_SIG",
    checkTaprootTweak: () => false,
    checkLockTime: () => false,
    checkSequence: () => false,
  },
  ecdsa: () => undefined,
  schnorr: () => undefined,
};

export function updateOutput(
  map: PsbtMap,
  { scriptPubKey }: TxOutput,
  provider: SigningProvider,
): PsbtMap {
  const known = psbtOutput(map);
  const solution = new Solution();
  solution.redeemScript = known.redeemScript;
  solution.witnessScript = known.witnessScript;
  solution.tapInternalKey = known.tapInternalKey;
  for (const { publicKey, origin } of known.derivations) solution.addPublicKey(publicKey, origin);
  solve(scriptPubKey, provider, NO_CREATOR, solution);

  let result = map;
  const once = (type: number, value: Uint8Array | undefined) => {
    if (value !== undefined && value.length > 0) result = result.add(type, NOTHING, value);
  };
  once(OUT.REDEEM_SCRIPT, solution.redeemScript);
  once(OUT.WITNESS_SCRIPT, solution.witnessScript);
  for (const { publicKey, origin } of solution.publicKeys.values()) {
    result = result.add(OUT.BIP32_DERIVATION, publicKey, encodeOrigin(origin));
  }
  once(OUT.TAP_INTERNAL_KEY, solution.tapInternalKey);
  const template = outputTemplate(scriptPubKey);
  const tree =
    template.type === "witness_v1_taproot" ? provider.taproot(template.outputKey) : undefined;
  // From right to left, as Core writes it: which child of a branch is left makes no difference.
  once(OUT.TAP_TREE, tree && encodeTaprootTree(tree.leaves.toReversed()));
  return addTaprootKeys(result, OUT.TAP_BIP32_DERIVATION, solution);
}
