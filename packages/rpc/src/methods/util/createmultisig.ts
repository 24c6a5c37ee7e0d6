import { bytesToHex, type ChainParams, hexToBytes } from "@chain/core";
import {
  createMultisig,
  type MultisigAddressType,
  parseDescriptor,
} from "@chain/wallet/descriptors";
import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list as listOf, maybe, obj, text } from "../../define/result.ts";
import { hexText, integer, list, string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";

export const createmultisig: Method = defineMethod({
  name: "createmultisig",
  category: "util",
  description:
    "Creates a multi-signature address with n signatures of m keys required.\nIt returns a json object with the address and redeemScript.",
  arguments: [
    integer("nrequired", { text: "The number of required signatures out of the m keys." }),
    list("keys", hexText("key", { text: "The hex-encoded public key" }), {
      text: "The hex-encoded public keys.",
    }),
    string("address_type", {
      text: 'The address type to use. Options are "legacy", "p2sh-segwit", and "bech32".',
      fallback: "legacy",
    }),
  ],
  results: [
    {
      schema: obj({
        address: text("The value of the new multisig address."),
        redeemScript: hex("The string value of the hex-encoded redemption script."),
        descriptor: text("The descriptor for this multisig"),
        warnings: maybe(
          listOf(text("A warning"), "Any warnings resulting from the creation of this multisig"),
        ),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "a key is none, or the type of address is unknown" },
    { code: RPC_INVALID_PARAMETER, when: "there are too few or too many keys" },
  ],
  examples: [
    [
      2,
      [
        "03789ed0bb717d88f7d321a368d905e7430207ebbd82bd342cf11ae157a7ace5fd",
        "03dbc6764b8884a92e871274b87583e6d5c2a58819473e17e107ef3f6aa5a61626",
      ],
    ],
  ],
  run: ({ nrequired, keys, address_type }, { chain }) => {
    const publicKeys = keys.map((key) => requirePublicKey(key, chain.params));
    const type = requireAddressType(address_type);
    const created = createMultisig(nrequired, publicKeys, type, chain.params);
    if (!created.ok) throw new RpcError(RPC_INVALID_PARAMETER, created.reason);
    const { address, redeemScript, descriptor, warnings } = created;
    return {
      address,
      redeemScript: bytesToHex(redeemScript),
      descriptor,
      ...(warnings.length > 0 && { warnings }),
    };
  },
});

const HEX = /^(?:[0-9a-f]{2})+$/i;

/** Core: HexToPubKey (rpc/util.cpp). */
function requirePublicKey(text: string, params: ChainParams): Uint8Array {
  const invalid = (problem: string) =>
    new RpcError(RPC_INVALID_ADDRESS_OR_KEY, `Pubkey "${text}" must ${problem}`);
  if (!HEX.test(text)) throw invalid("be a hex string");
  if (text.length !== 66 && text.length !== 130) {
    throw invalid("have a length of either 33 or 65 bytes");
  }
  if (!parseDescriptor(`pk(${text})`, params).ok) throw invalid("be cryptographically valid.");
  return hexToBytes(text);
}

function requireAddressType(type: string): MultisigAddressType {
  if (type === "legacy" || type === "p2sh-segwit" || type === "bech32") return type;
  const message =
    type === "bech32m"
      ? "createmultisig cannot create bech32m multisig addresses"
      : `Unknown address type '${type}'`;
  throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
}
