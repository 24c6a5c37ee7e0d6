/** Wallets that are made or loaded, for the caller. */
import type { z } from "zod";
import type { Argument } from "../../define/argument.ts";
import { list, maybe, obj, type SchemaOf, text } from "../../define/result.ts";
import { boolean } from "../../define/types.ts";
import {
  RPC_INVALID_PARAMETER,
  RPC_WALLET_ALREADY_EXISTS,
  RPC_WALLET_ALREADY_LOADED,
  RPC_WALLET_ENCRYPTION_FAILED,
  RPC_WALLET_ERROR,
  RPC_WALLET_NOT_FOUND,
  RpcError,
} from "../../errors.ts";
import type { WalletFault, WalletOutcome } from "../host.ts";

export const LOAD_ON_STARTUP: Argument<"load_on_startup", boolean | undefined> = boolean(
  "load_on_startup",
  {
    text: "Save wallet name to persistent settings and load on startup. True to add wallet to startup list, false to remove, null to leave unchanged.",
    optional: true,
  },
);

interface Loaded {
  readonly name: string;
  readonly warnings?: readonly string[] | undefined;
}

export const WARNINGS: z.ZodOptional<SchemaOf<readonly string[]>> = maybe(
  list(text("A warning"), "Warning messages, if any, related to the wallet."),
);

export const LOADED: SchemaOf<Loaded> = obj({
  name: text("The name of the wallet"),
  warnings: WARNINGS,
});

/** Core: HandleWalletError. */
const CODES: Readonly<Record<WalletFault, number>> = {
  "not-found": RPC_WALLET_NOT_FOUND,
  "already-loaded": RPC_WALLET_ALREADY_LOADED,
  "already-exists": RPC_WALLET_ALREADY_EXISTS,
  invalid: RPC_INVALID_PARAMETER,
  encryption: RPC_WALLET_ENCRYPTION_FAILED,
  failed: RPC_WALLET_ERROR,
};

/** The answer of a call that has loaded a wallet. @throws RpcError where it has not */
export function loadedOf(outcome: WalletOutcome, before: readonly string[] = []): Loaded {
  if (!outcome.ok) throw new RpcError(CODES[outcome.why], outcome.message);
  return { name: outcome.wallet.name, ...withWarnings([...before, ...outcome.warnings]) };
}

/** Core: PushWarnings. */
export function withWarnings(warnings: readonly string[]): {
  readonly warnings?: readonly string[];
} {
  return warnings.length === 0 ? {} : { warnings };
}

/** The wallet of the path or of the argument, which must not differ. Core: EnsureUniqueWalletName. @throws RpcError -8 */
export function uniqueName(ofPath: string | undefined, given: string | undefined): string {
  if (ofPath !== undefined && given !== undefined && given !== ofPath) {
    const message =
      "The RPC endpoint wallet and the wallet name parameter specify different wallets";
    throw new RpcError(RPC_INVALID_PARAMETER, message);
  }
  const name = ofPath ?? given;
  if (name !== undefined) return name;
  const message = "Either the RPC endpoint wallet or the wallet name parameter must be provided";
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}
