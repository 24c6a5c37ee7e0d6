/** @module @chain/esplora */
export { EsploraError } from "./answers.ts";
export type { EsploraHandler, EsploraOptions } from "./handler.ts";
export { createEsplora } from "./handler.ts";
export type { EsploraHost, RpcParams } from "./host.ts";
export type { SocketHandler } from "./webSocket/server.ts";
export { EsploraSockets } from "./webSocket/server.ts";
export type { TextConnection } from "./webSocket/session.ts";
