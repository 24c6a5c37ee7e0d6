import { nobleVerifier, type SignatureVerifier } from "@chain/core";
import { requireFunction } from "@chain/core/arguments";
import { loadNativeVerifier } from "./native.ts";
import { loadWasmVerifier } from "./wasm.ts";

/**
 * The fastest verifier that loads on this machine: `native`, else `wasm`, else `noble`. Its `name`
 * says which it is; all three give the same answers.
 * @param onFailure hears why a faster one could not be taken
 * @example
 * const verifier = await fastestVerifier((name, why) => console.warn(`no ${name} signature checks: ${why}`));
 * verifier.name // "native"
 */
export async function fastestVerifier(
  onFailure: (name: "native" | "wasm", why: string) => void = () => {},
): Promise<SignatureVerifier> {
  requireFunction(onFailure, "onFailure");

  const verifiers = [
    ["native", async () => loadNativeVerifier()],
    ["wasm", loadWasmVerifier],
  ] as const;
  for (const [name, load] of verifiers) {
    try {
      return await load();
    } catch (error) {
      onFailure(name, error instanceof Error ? error.message : String(error));
    }
  }
  return nobleVerifier;
}
