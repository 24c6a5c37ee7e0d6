export { fastestVerifier } from "./fastest.ts";
export { loadNativeVerifier } from "./native.ts";
export { loadWasmVerifier } from "./wasm.ts";
