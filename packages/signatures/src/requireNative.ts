import { createRequire } from "node:module";
import { SignaturesError } from "./errors.ts";

/**
 * The native module itself, and not the package around it, which falls back to another library in silence.
 * @typeParam Module what is used of it
 */
export function requireNative<Module>(): Module {
  try {
    return createRequire(import.meta.url)("secp256k1/bindings.js") as Module;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SignaturesError("unavailable", why, { cause });
  }
}
