/** The knowledge of a wallet about an output script. Core: DescribeWalletAddress, GetKeyForDestination. */
import {
  bytesToHex,
  type ChainParams,
  outputTemplate,
  ripemd160,
  witnessProgram,
} from "@chain/core";
import { addressOfScript } from "@chain/wallet";
import { HARDENED, type SigningProvider } from "@chain/wallet/descriptors";

type Fields = Readonly<Record<string, unknown>>;

/** Core: DescribeAddress, and then DescribeWalletAddressVisitor. */
export function describeOutput(
  script: Uint8Array,
  provider: SigningProvider | undefined,
  params: ChainParams,
): Fields {
  const { type } = outputTemplate(script);
  const witness = witnessProgram(script);
  const isScript = SCRIPT_TYPES[type];
  return {
    ...(isScript !== undefined && { isscript: isScript }),
    iswitness: witness !== undefined,
    ...(witness !== undefined && {
      witness_version: witness.version,
      witness_program: bytesToHex(witness.program),
    }),
    ...(provider !== undefined && describeSolution(script, provider, params)),
  };
}

const SCRIPT_TYPES: Readonly<Record<string, boolean>> = {
  pubkeyhash: false,
  witness_v0_keyhash: false,
  scripthash: true,
  witness_v0_scripthash: true,
  witness_v1_taproot: true,
  anchor: true,
};

function describeSolution(
  script: Uint8Array,
  provider: SigningProvider,
  params: ChainParams,
): Fields {
  const template = outputTemplate(script);
  switch (template.type) {
    case "pubkeyhash": {
      const key = provider.publicKey(template.hash);
      if (key === undefined) return {};
      return { pubkey: bytesToHex(key), iscompressed: key.length === 33 };
    }
    case "witness_v0_keyhash": {
      const key = provider.publicKey(template.hash);
      return key === undefined ? {} : { pubkey: bytesToHex(key) };
    }
    case "scripthash":
    case "witness_v0_scripthash": {
      const inner = innerScript(script, provider);
      return inner === undefined ? {} : describeInner(inner, provider, params);
    }
    default:
      return {};
  }
}

/** The redeem script of P2SH, or the witness script of P2WSH, where it is known. */
export function innerScript(script: Uint8Array, provider: SigningProvider): Uint8Array | undefined {
  const template = outputTemplate(script);
  if (template.type === "scripthash") return provider.script(template.hash);
  const isWitness = template.type === "witness_v0_scripthash";
  return isWitness ? provider.script(ripemd160(template.hash)) : undefined;
}

/** Core: ProcessSubScript. */
function describeInner(inner: Uint8Array, provider: SigningProvider, params: ChainParams): Fields {
  const template = outputTemplate(inner);
  const about = { script: template.type, hex: bytesToHex(inner) };
  const address = template.type === "pubkey" ? undefined : addressOfScript(inner, params);
  if (address !== undefined) {
    const embedded: Fields = {
      ...describeOutput(inner, provider, params),
      address,
      scriptPubKey: about.hex,
    };
    // So that the public key of a new address is always at the top.
    return {
      ...about,
      ...(embedded["pubkey"] !== undefined && { pubkey: embedded["pubkey"] }),
      embedded,
    };
  }
  if (template.type !== "multisig") return about;
  const { required, publicKeys } = template;
  return { ...about, sigsrequired: required, pubkeys: publicKeys.map(bytesToHex) };
}

/** Where the only key of an output comes from. */
export function keyOriginOf(
  script: Uint8Array,
  provider: SigningProvider,
): { readonly path: string; readonly fingerprint: string } | undefined {
  const key = keyOf(script, provider);
  const origin = key && provider.origin(key);
  if (origin === undefined) return undefined;
  const steps = origin.path.map((step) => (step >= HARDENED ? `${step - HARDENED}h` : `${step}`));
  return { path: ["m", ...steps].join("/"), fingerprint: bytesToHex(origin.fingerprint) };
}

function keyOf(script: Uint8Array, provider: SigningProvider): Uint8Array | undefined {
  const template = outputTemplate(script);
  switch (template.type) {
    case "pubkeyhash":
    case "witness_v0_keyhash":
      return provider.publicKey(template.hash);
    case "scripthash": {
      const inner = innerScript(script, provider);
      const isKey = inner !== undefined && outputTemplate(inner).type === "witness_v0_keyhash";
      return isKey ? keyOf(inner, provider) : undefined;
    }
    case "witness_v1_taproot": {
      const output = provider.taproot(template.outputKey);
      const isKeyOnly = output !== undefined && output.merkleRoot.length === 0;
      return isKeyOnly ? provider.publicKeyByX(output.internalKey) : undefined;
    }
    default:
      return undefined;
  }
}
