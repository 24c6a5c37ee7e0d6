import { bytesToHex, hexToBytes } from "@chain/core";
import { requireBytesOf } from "@chain/core/arguments";
import { SignaturesError } from "./errors.ts";
import { importWasm } from "./importWasm.ts";
import { requireNative } from "./requireNative.ts";

/**
 * Makes ECDSA signatures: nonces of RFC 6979, low s, so every implementation gives the same 64 bytes. It fits as the
 * `signer` of `@chain/wallet`.
 */
export interface EcdsaSigner {
  readonly name: string;
  /**
   * @param extraEntropy 32 bytes for another nonce, the "additional data" of RFC 6979, section 3.6
   * @returns 64 bytes, r‖s, with low s
   */
  sign(hash32: Uint8Array, privateKey32: Uint8Array, extraEntropy?: Uint8Array): Uint8Array;
}

/** The functions of the package `secp256k1` that are used here. */
interface NativeModule {
  ecdsaSign(
    hash32: Uint8Array,
    privateKey32: Uint8Array,
    options: { readonly data?: Uint8Array },
  ): { readonly signature: Uint8Array };
}

/**
 * The faster of the two that loads on this machine; `undefined` where neither does.
 * @example
 * const signer = await fastestSigner();
 * const backend = { params: regtest, now: () => 1_800_000_000, signatures: { signer } };
 * const wallet = await Wallet.create(memoryStorage(), backend);
 * wallet.keys.length // 0
 */
export async function fastestSigner(): Promise<EcdsaSigner | undefined> {
  for (const load of [async () => loadNativeSigner(), loadWasmSigner]) {
    try {
      return await load();
    } catch {
      // The caller has one in JavaScript, and `fastestVerifier` tells why a library does not load.
    }
  }
  return undefined;
}

/**
 * ECDSA signatures by the native module.
 * @throws SignaturesError `unavailable`, `wrong-answers`.
 * @example loadNativeSigner().sign(hash, privateKey).length // 64: r and s
 */
export function loadNativeSigner(): EcdsaSigner {
  const secp256k1 = requireNative<NativeModule>();
  return checkedSigner({
    name: "native",
    sign: (hash32, privateKey32, data) =>
      secp256k1.ecdsaSign(hash32, privateKey32, data === undefined ? {} : { data }).signature,
  });
}

/**
 * ECDSA signatures by the same library as WebAssembly.
 * @throws SignaturesError `unavailable`, `wrong-answers`.
 * @example (await loadWasmSigner()).sign(hash, privateKey).length // 64: r and s
 */
export async function loadWasmSigner(): Promise<EcdsaSigner> {
  const secp256k1 = await importWasm();
  return checkedSigner({
    name: "wasm",
    sign: (hash32, privateKey32, extraEntropy) =>
      secp256k1.sign(hash32, privateKey32, extraEntropy),
  });
}

// BIP-0340's test vector 1: its secret key and message, signed with ECDSA by RFC 6979.
const SECRET = "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef";
const MESSAGE = "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89";
const SIGNATURE =
  "b205a970e2fed06001bcd3864ce7a2c63291b531525d693dc2deeb92c91627de5c0cccd156282e5a477cd3541e210f4eb65eb3549b9f63725f92432f084dfed0";

function checkedSigner(signer: EcdsaSigner): EcdsaSigner {
  if (bytesToHex(signer.sign(hexToBytes(MESSAGE), hexToBytes(SECRET))) !== SIGNATURE) {
    throw new SignaturesError("wrong-answers", `the ${signer.name} signatures are wrong`);
  }
  return Object.freeze({
    name: signer.name,
    sign(hash32: Uint8Array, privateKey32: Uint8Array, extraEntropy?: Uint8Array): Uint8Array {
      requireBytesOf(32, hash32, "hash32");
      requireBytesOf(32, privateKey32, "privateKey32");
      if (extraEntropy !== undefined) requireBytesOf(32, extraEntropy, "extraEntropy");

      return signer.sign(hash32, privateKey32, extraEntropy);
    },
  });
}
