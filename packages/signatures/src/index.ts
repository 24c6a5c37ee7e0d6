/** @module @chain/signatures */
export type { SignaturesErrorCode } from "./errors.ts";
export { SignaturesError } from "./errors.ts";
export { fastestVerifier } from "./fastest.ts";
export { loadNativeVerifier } from "./native.ts";
export type { EcdsaSigner } from "./signer.ts";
export { fastestSigner, loadNativeSigner, loadWasmSigner } from "./signer.ts";
export { loadWasmVerifier } from "./wasm.ts";
