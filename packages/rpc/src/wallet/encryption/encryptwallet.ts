import type { Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import {
  RPC_INVALID_PARAMETER,
  RPC_WALLET_ENCRYPTION_FAILED,
  RPC_WALLET_ERROR,
  RPC_WALLET_WRONG_ENC_STATE,
  RpcError,
} from "../../errors.ts";
import { walletMethod } from "../method.ts";
import { requireNoScan, requirePassphrase } from "./errors.ts";

const NO_KEYS = "Error: wallet does not contain private keys, nothing to encrypt.";
const ENCRYPTED = "Error: running with an encrypted wallet, but encryptwallet was called.";
const DONE =
  "wallet encrypted; The keypool has been flushed and a new HD seed was generated. You need to make a new backup with the backupwallet RPC.";

export const encryptwallet: Method = walletMethod({
  name: "encryptwallet",
  description:
    "Encrypts the wallet with 'passphrase'. This is for first time encryption.\nAfter this, any calls that interact with private keys such as sending or signing \nwill require the passphrase to be set prior to making these calls.\nUse the walletpassphrase call for this, and then walletlock call.\nIf the wallet is already encrypted, use the walletpassphrasechange call.\n** IMPORTANT **\nFor security reasons, the encryption process will generate a new HD seed, resulting\nin the creation of a fresh set of active descriptors. Therefore, it is crucial to\nsecurely back up the newly generated wallet file using the backupwallet RPC.",
  arguments: [
    string("passphrase", {
      text: "The pass phrase to encrypt the wallet with. It must be at least 1 character, but should be long.",
    }),
  ],
  results: [{ schema: text("A string with further instructions") }],
  errors: [
    { code: RPC_WALLET_ENCRYPTION_FAILED, when: "the wallet has no private keys" },
    { code: RPC_WALLET_WRONG_ENC_STATE, when: "the wallet is encrypted" },
    { code: RPC_INVALID_PARAMETER, when: "the passphrase is empty" },
    { code: RPC_WALLET_ERROR, when: "the wallet is being rescanned" },
  ],
  examples: [["my pass phrase"]],
  waits: false,
  run: async ({ passphrase }, wallet) => {
    const { ledger } = wallet;
    if (ledger.hasFlag("disablePrivateKeys")) {
      throw new RpcError(RPC_WALLET_ENCRYPTION_FAILED, NO_KEYS);
    }
    if (ledger.isEncrypted) throw new RpcError(RPC_WALLET_WRONG_ENC_STATE, ENCRYPTED);
    requireNoScan(wallet, "encrypting the wallet");
    requirePassphrase(passphrase);
    await wallet.encryption.encrypt(passphrase);
    return DONE;
  },
});
