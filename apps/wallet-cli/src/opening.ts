import { type Identity, makeDataDirectory, systemCode, UserError } from "@chain/fullnode";
import { fastestSigner, fastestVerifier } from "@chain/signatures";
import type { Context } from "@chain/terminal";
import { type SignatureBackend, Wallet, WalletError } from "@chain/wallet";
import { walletFile } from "@chain/wallet/file";
import { askPassphrase } from "./passphrase.ts";

const now = (): number => Math.floor(Date.now() / 1000);

/**
 * The wallet of a node.
 * @param create makes one where there is none
 * @throws UserError where there is none; WalletError.
 */
export async function openWallet(
  identity: Identity,
  { say }: Context,
  create?: { readonly passphrase: () => Promise<string | undefined> },
): Promise<Wallet> {
  const onWarning = (message: string) => say(`warning: ${message}`);
  const storage = walletFile(identity.paths.wallet, { onWarning });
  const options = {
    params: identity.network.params,
    now,
    signatures: await fastestSignatures(),
  };
  if (create !== undefined) await makeDataDirectory(identity.dataDir);
  try {
    return await Wallet.open(storage, options);
  } catch (error) {
    if (!isMissing(error)) throw withPath(error, identity.paths.wallet);
    if (create === undefined) {
      throw new UserError(
        "usage",
        `node ${identity.nodeId} has no wallet yet: chain-wallet createwallet makes one`,
        { cause: error },
      );
    }
    return Wallet.create(storage, { ...options, passphrase: await create.passphrase() });
  }
}

/** The key file that is damaged is named, with the way on: only a copy has the keys. */
function withPath(error: unknown, path: string): unknown {
  if (!(error instanceof WalletError) || error.code !== "corrupt") return error;
  const message = `${path}: ${error.message}; put a copy of it in its place, or move it away`;
  return new WalletError("corrupt", message, { cause: error });
}

/** Whether there is no key file, or not even a directory for it. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof WalletError)) return false;
  return error.code === "not-found" || systemCode(error.cause) === "ENOENT";
}

/** Signs with the backend that the node of this machine verifies with, so that a payment of many coins takes no time. */
async function fastestSignatures(): Promise<SignatureBackend> {
  return { signer: await fastestSigner(), verifier: await fastestVerifier() };
}

/** Asks for the passphrase of a wallet that needs one. */
export async function unlock(wallet: Wallet, context: Context): Promise<void> {
  if (wallet.locked) await wallet.unlock(await askPassphrase("Passphrase of the wallet", context));
}

/** Far more than a node is stopped and started while one command runs. */
const MAX_ATTEMPTS = 20;

/**
 * Does something with the node or its database, and once more where the node has ended in between: then nothing was
 * done, and its database is free, or the node runs again.
 */
export async function againWhereNodeEnds<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      const hasEnded = error instanceof UserError && error.code === "no-node";
      if (!hasEnded || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}
