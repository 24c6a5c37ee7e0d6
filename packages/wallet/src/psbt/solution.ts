/** The data known for spending one output, and the data still missing. Core: SignatureData (script/sign.h). */
import { bytesToHex, concatBytes, hash160 } from "@chain/core";
import type { KeyOrigin } from "../signingProvider.ts";
import type { KeyDerivation, TapLeafScript } from "./view.ts";

/** A signature of ECDSA with its key. */
export interface KeySignature {
  readonly publicKey: Uint8Array;
  /** DER and hash type. */
  readonly signature: Uint8Array;
}

/** A Taproot key that was met, with the leaves that hold it. */
export interface TaprootUse {
  readonly publicKey: Uint8Array;
  readonly leafHashes: Map<string, Uint8Array>;
  readonly origin: KeyOrigin;
}

/** Filled while a solution is looked for. */
export class Solution {
  complete: boolean = false;
  /** Whether the spend has a witness, or would have. */
  witness: boolean = false;
  scriptSig: Uint8Array = new Uint8Array(0);
  stack: readonly Uint8Array[] = [];

  redeemScript: Uint8Array | undefined;
  witnessScript: Uint8Array | undefined;
  /** By the hash of the key, in hex, as the others are. */
  readonly signatures: Map<string, KeySignature> = new Map();
  readonly publicKeys: Map<string, KeyDerivation> = new Map();

  /** By the name of the hash function, a colon, and the hash in hex. */
  readonly preimages: Map<string, Uint8Array> = new Map();

  tapInternalKey: Uint8Array | undefined;
  tapMerkleRoot: Uint8Array | undefined;
  tapKeySignature: Uint8Array | undefined;
  /** By x and leaf hash. */
  readonly tapSignatures: Map<string, Uint8Array> = new Map();
  readonly tapLeaves: TapLeafScript[] = [];
  /** By x. */
  readonly tapKeys: Map<string, TaprootUse> = new Map();

  /** Hashes of keys that are not known. */
  readonly missingKeys: Uint8Array[] = [];
  /** Hashes of keys whose signatures are not there. */
  readonly missingSignatures: Uint8Array[] = [];
  missingRedeemScript: Uint8Array | undefined;
  missingWitnessScript: Uint8Array | undefined;

  addPublicKey(publicKey: Uint8Array, origin: KeyOrigin): void {
    const name = bytesToHex(hash160(publicKey));
    if (!this.publicKeys.has(name)) this.publicKeys.set(name, { publicKey, origin });
  }

  addSignature(publicKey: Uint8Array, signature: Uint8Array): void {
    this.signatures.set(bytesToHex(hash160(publicKey)), { publicKey, signature });
  }

  /** Notes where a Taproot key comes from. @param leafHash none for an internal or output key */
  addTaprootKey(x32: Uint8Array, origin: KeyOrigin, leafHash?: Uint8Array): void {
    const name = bytesToHex(x32);
    let use = this.tapKeys.get(name);
    if (use === undefined) {
      use = { publicKey: x32, leafHashes: new Map(), origin };
      this.tapKeys.set(name, use);
    }
    if (leafHash !== undefined) use.leafHashes.set(bytesToHex(leafHash), leafHash);
  }
}

/** How a signature of a leaf is named. */
export function tapSignatureName(x32: Uint8Array, leafHash: Uint8Array): string {
  return bytesToHex(concatBytes(x32, leafHash));
}
