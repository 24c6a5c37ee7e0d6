/** @module @chain/esplora */
export { EsploraError } from "./answers.ts";
export type { EsploraHandler, EsploraOptions } from "./handler.ts";
export { createEsplora } from "./handler.ts";
export type { EsploraHost, RpcParams } from "./host.ts";
