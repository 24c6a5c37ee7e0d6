import { defineMethod, type Method } from "../../define/method.ts";
import { boolean, string } from "../../define/types.ts";
import { RPC_WALLET_ENCRYPTION_FAILED, RPC_WALLET_ERROR, RpcError } from "../../errors.ts";
import { walletsOf } from "../method.ts";
import { LOAD_ON_STARTUP, LOADED, loadedOf } from "./outcome.ts";

const NO_LEGACY =
  'descriptors argument must be set to "true"; it is no longer possible to create a legacy wallet.';
const NO_SIGNER = "Compiled without external signing support (required for external signing)";
const NO_PASSPHRASE = "Empty string given as passphrase, wallet will not be encrypted.";

export const createwallet: Method = defineMethod({
  name: "createwallet",
  category: "wallet",
  description: "Creates and loads a new wallet.",
  arguments: [
    string("wallet_name", {
      text: "The name for the new wallet. If this is a path, the wallet will be created at the path location.",
    }),
    boolean("disable_private_keys", {
      text: "Disable the possibility of private keys (only watchonlys are possible in this mode).",
      fallback: false,
    }),
    boolean("blank", {
      text: "Create a blank wallet. A blank wallet has no keys.",
      fallback: false,
    }),
    string("passphrase", { text: "Encrypt the wallet with this passphrase.", optional: true }),
    boolean("avoid_reuse", {
      text: "Keep track of coin reuse, and treat dirty and clean coins differently with privacy considerations in mind.",
      fallback: false,
    }),
    boolean("descriptors", { text: 'If set, must be "true"', fallback: true }),
    LOAD_ON_STARTUP,
    boolean("external_signer", {
      text: "Use an external signer such as a hardware wallet: refused, as there is no support for them",
      fallback: false,
    }),
  ],
  results: [{ schema: LOADED }],
  errors: [
    { code: RPC_WALLET_ERROR, when: "the wallet exists, or can't be made" },
    { code: RPC_WALLET_ENCRYPTION_FAILED, when: "it can't be encrypted" },
  ],
  examples: [
    ["testwallet"],
    { wallet_name: "descriptors", avoid_reuse: true, load_on_startup: true },
  ],
  run: async (given, host) => {
    const wallets = walletsOf(host);
    const { passphrase } = given;
    if (!given.descriptors) throw new RpcError(RPC_WALLET_ERROR, NO_LEGACY);
    if (given.external_signer) throw new RpcError(RPC_WALLET_ERROR, NO_SIGNER);
    const outcome = await wallets.create(given.wallet_name, {
      disablePrivateKeys: given.disable_private_keys,
      blank: given.blank,
      passphrase: passphrase ?? "",
      avoidReuse: given.avoid_reuse,
      loadOnStartup: given.load_on_startup,
    });
    return loadedOf(outcome, passphrase === "" ? [NO_PASSPHRASE] : []);
  },
});
