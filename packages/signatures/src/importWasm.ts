import { SignaturesError } from "./errors.ts";

/** The library as WebAssembly. It is loaded when it is first asked for, as it begins to compile then. */
export async function importWasm(): Promise<typeof import("tiny-secp256k1")> {
  try {
    return await import("tiny-secp256k1");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SignaturesError("unavailable", why, { cause });
  }
}
