import { walletDescriptors } from "@chain/wallet/accounts";
import { ExtendedKey } from "@chain/wallet/descriptors";
import type { Method } from "../../define/method.ts";
import { list, obj, text } from "../../define/result.ts";
import { boolean, options, string } from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_WALLET_ERROR,
  RPC_WALLET_UNLOCK_NEEDED,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import type { Json } from "../../json/parse.ts";
import { ADDRESS_TYPES, requireAddressType } from "../addresses/addressType.ts";
import type { RpcWallet } from "../host.ts";
import { requireUnlocked, walletMethod } from "../method.ts";
import { type HdKey, hdKeysOf, privateKeyOf } from "./hdKeys.ts";

const SEVERAL =
  "Unable to determine which HD key to use from active descriptors. Please specify with 'hdkey'";
const NO_KEY = "Unable to parse HD key. Please provide a valid xpub";

export const createwalletdescriptor: Method = walletMethod({
  name: "createwalletdescriptor",
  description:
    "Creates the wallet's descriptor for the given address type. The address type must be one that the wallet does not already have a descriptor for.\nRequires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.",
  arguments: [
    string("type", { text: `The address type the descriptor will produce. ${ADDRESS_TYPES}` }),
    options(
      "options",
      [
        boolean("internal", {
          text: "Whether to only make one descriptor that is internal (if parameter is true) or external (if parameter is false)",
          hint: "Both external and internal will be generated unless this parameter is specified",
        }),
        string("hdkey", {
          text: "The HD key that the wallet knows the private key of, listed using 'gethdkeys', to use for this descriptor's key",
          hint: "The HD key used by all other active descriptors",
        }),
      ],
      { text: "Which descriptors", optional: true },
    ),
  ],
  results: [
    {
      schema: obj({
        descs: list(text("A descriptor"), "The public descriptors that were added to the wallet"),
      }),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "there is no such type, or no such key" },
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "the wallet is locked" },
    { code: RPC_WALLET_ERROR, when: "the wallet has the descriptor" },
  ],
  examples: [["bech32m"]],
  waits: false,
  run: async ({ type, options: given = {} }, wallet, { host }) => {
    const kind = requireAddressType(type);
    const { ledger } = wallet;
    requireUnlocked(wallet);
    const { params } = host.chain;
    const key = requireHdKey(given["hdkey"] ?? null, wallet, host);
    const master = privateKeyOf(key, ledger, params);
    if (master === undefined) {
      const message = `Private key for ${key.xpub} is not known`;
      throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
    }
    const internal = given["internal"] ?? null;
    const { receive, change } = walletDescriptors(master, { kind, params });
    const known = new Set(ledger.descriptors().map(({ descriptor }) => descriptor.toString()));
    const added = [
      ...(internal === true ? [] : [{ descriptor: receive, internal: false }]),
      ...(internal === false ? [] : [{ descriptor: change, internal: true }]),
    ].filter(({ descriptor }) => !known.has(descriptor.toString()));
    if (added.length === 0) throw new RpcError(RPC_WALLET_ERROR, "Descriptor already exists");
    const timestamp = Math.floor(host.chain.now / 1000);
    const descs = added.map(
      (each) =>
        ledger.addDescriptor(each.descriptor, {
          active: true,
          internal: each.internal,
          timestamp,
        }).text,
    );
    await wallet.save();
    return { descs };
  },
});

/** @throws RpcError -5 */
function requireHdKey(
  given: Json,
  { ledger }: RpcWallet,
  { chain }: RpcHost,
): Pick<HdKey, "xpub" | "descriptors"> {
  if (given === null) {
    const [first, ...others] = hdKeysOf(ledger, true);
    if (first !== undefined && others.length === 0) {
      // A descriptor that is not active may be the one that has the private key.
      return hdKeysOf(ledger, false).find(({ xpub }) => xpub === first.xpub) ?? first;
    }
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, SEVERAL);
  }
  const xpub = typeof given === "string" ? given : "";
  const parsed = ExtendedKey.parse(xpub, chain.params);
  if (parsed === undefined || parsed.privateKey !== undefined) {
    throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, NO_KEY);
  }
  const known = hdKeysOf(ledger, false).find((each) => each.xpub === xpub);
  return known ?? { xpub, descriptors: [] };
}
