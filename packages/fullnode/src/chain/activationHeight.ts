import type { DeploymentHeights } from "@chain/core";
import { requireString } from "@chain/core/arguments";

/** Core's names for rules, and ours. */
const RULES = {
  segwit: "segwit",
  bip34: "bip34",
  dersig: "bip66",
  cltv: "bip65",
  csv: "csv",
} as const satisfies Record<string, keyof DeploymentHeights>;

/** The names that {@link parseActivationHeight} knows. */
export const ACTIVATION_NAMES: readonly string[] = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.keys(RULES),
);

/** Heights are below it. Core: std::numeric_limits<int>::max(). */
const MAX_HEIGHT = 2 ** 31 - 1;

/** The part of a text that is wrong: `format` where it has no `@`. */
export type ActivationFault = "format" | "name" | "height";

/**
 * Reads from which height a rule holds, as `NAME@HEIGHT`. Core: -testactivationheight, ReadRegTestArgs.
 * @example
 * parseActivationHeight("dersig@10") // { ok: true, heights: { bip66: 10 } }
 * parseActivationHeight("dersig@x") // { ok: false, fault: "height" }
 */
export function parseActivationHeight(
  text: string,
):
  | { readonly ok: true; readonly heights: Partial<DeploymentHeights> }
  | { readonly ok: false; readonly fault: ActivationFault } {
  requireString(text, "text");
  const [, name, height = ""] = /^([^@]*)@(.*)$/s.exec(text) ?? [];
  if (name === undefined) return { ok: false, fault: "format" };
  if (!/^\d{1,10}$/.test(height) || Number(height) >= MAX_HEIGHT) {
    return { ok: false, fault: "height" };
  }
  if (!Object.hasOwn(RULES, name)) return { ok: false, fault: "name" };
  return { ok: true, heights: { [RULES[name as keyof typeof RULES]]: Number(height) } };
}
