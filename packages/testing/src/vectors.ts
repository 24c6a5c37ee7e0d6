import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** A file of test vectors from the dev dependency bitcore-lib, which carries Core's. */
export function vectors<T>(name: string): T {
  return load(`bitcore-lib/test/data/${name}`) as T;
}
