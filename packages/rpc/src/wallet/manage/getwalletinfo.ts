import type { Method } from "../../define/method.ts";
import { anything, flag, list, maybe, num, obj, text, time } from "../../define/result.ts";
import type { RpcHost } from "../../host.ts";
import type { RpcWallet } from "../host.ts";
import { LAST_BLOCK, lastBlock } from "../lastBlock.ts";
import { walletMethod } from "../method.ts";
import { flagsOf } from "./flags.ts";

/** Core's last version of legacy wallets. */
const WALLET_VERSION = 169_900;

export const getwalletinfo: Method = walletMethod({
  name: "getwalletinfo",
  description: "Returns an object containing various wallet state info.",
  arguments: [],
  results: [
    {
      schema: obj({
        walletname: text("the wallet name"),
        walletversion: num(
          "(DEPRECATED) only related to unsupported legacy wallet, returns the latest version 169900 for backwards compatibility",
        ),
        format: text("the database format: leveldb, or memory"),
        txcount: num("the total number of transactions in the wallet"),
        keypoolsize: num("how many new keys are pre-generated (only counts external keys)"),
        keypoolsize_hd_internal: maybe(
          num("how many new keys are pre-generated for internal use (used for change outputs)"),
        ),
        unlocked_until: maybe(
          time(
            "until when the wallet is unlocked for transfers, in seconds since 1970, or 0 if the wallet is locked (only present for passphrase-encrypted wallets)",
          ),
        ),
        private_keys_enabled: flag(
          "false if privatekeys are disabled for this wallet (enforced watch-only wallet)",
        ),
        avoid_reuse: flag("whether this wallet tracks clean/dirty coins in terms of reuse"),
        scanning: anything(
          "current scanning details: duration in seconds, and progress from 0 to 1; or false if no scan is in progress",
        ),
        descriptors: flag("whether this wallet uses descriptors for output script management"),
        external_signer: flag(
          "whether this wallet is configured to use an external signer such as a hardware wallet",
        ),
        blank: flag(
          "Whether this wallet intentionally does not contain any keys, scripts, or descriptors",
        ),
        birthtime: maybe(
          time(
            "The start time for blocks scanning. It could be modified by (re)importing any descriptor with an earlier timestamp.",
          ),
        ),
        flags: list(text("The name of the flag"), "The flags currently set on the wallet"),
        lastprocessedblock: LAST_BLOCK,
      }),
    },
  ],
  examples: [[]],
  run: (_, wallet, { host }) => {
    const { ledger, encryption } = wallet;
    const { birthday } = ledger;
    return {
      walletname: wallet.name,
      walletversion: WALLET_VERSION,
      format: wallet.format,
      txcount: ledger.transactions().length,
      keypoolsize: keysAhead(ledger, false),
      keypoolsize_hd_internal: keysAhead(ledger, true),
      ...(ledger.isEncrypted && { unlocked_until: encryption.unlockedUntil() }),
      private_keys_enabled: !ledger.hasFlag("disablePrivateKeys"),
      avoid_reuse: ledger.hasFlag("avoidReuse"),
      scanning: scanningOf(wallet, host),
      descriptors: true,
      external_signer: false,
      blank: ledger.hasFlag("blank"),
      birthtime: birthday,
      flags: flagsOf(ledger),
      lastprocessedblock: lastBlock(ledger),
    };
  },
});

function scanningOf({ rescans }: RpcWallet, { stopwatch }: RpcHost) {
  const scan = rescans.current();
  if (scan === undefined) return false;
  const duration = Math.floor((stopwatch() - scan.startedAt) / 1000);
  return { duration, progress: scan.progress };
}

/** Core: KeypoolCountExternalKeys, and the difference to GetKeyPoolSize. */
function keysAhead(ledger: RpcWallet["ledger"], internal: boolean): number {
  const active = ledger.descriptors().filter((each) => each.active?.internal === internal);
  return active.reduce((sum, { range, next }) => sum + range.end - next, 0);
}
