import { requireString } from "@chain/core/arguments";

const IN_WORDS: Readonly<Record<string, string>> = {
  native: "libsecp256k1, compiled for this machine",
  wasm: "libsecp256k1 as WebAssembly (slower: the compiled one does not load here)",
  none: "nobody: a light node goes by the work on the headers",
  noble: "JavaScript (slow: neither form of libsecp256k1 loads here)",
};

/**
 * The backend that checks signatures, in words.
 * @param backend `native`, `wasm` or `noble`; another name is returned as it is
 * @example verifierInWords("native") // "libsecp256k1, compiled for this machine"
 */
export function verifierInWords(backend: string): string {
  requireString(backend, "backend");

  return IN_WORDS[backend] ?? backend;
}
