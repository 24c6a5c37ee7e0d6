/** The state of one wallet, without files, clocks and nodes. */
import { requireIterable } from "@chain/core/arguments";
import { requireMaster } from "../accounts/account.ts";
import { requireCreateOptions, requireHost } from "./check.ts";
import { loadParts, makeParts, setUpDescriptors } from "./parts.ts";
import type { CreateLedgerOptions, LedgerHost, WalletRecord } from "./types.ts";
import { WalletKeys } from "./walletKeys.ts";

/** Core: DEFAULT_KEYPOOL_SIZE. */
const KEYPOOL_SIZE = 1000;

/**
 * The state of one wallet: descriptors with their scripts, labels, transactions and coins. It does no I/O: the host writes
 * the records of `takeChanges`, hands in blocks and transactions, and asks. Core: CWallet.
 *
 * @example
 * const ledger = WalletLedger.create({ params: regtest, now: () => 1_800_000_000 });
 * const given = ledger.newAddress("bech32", { label: "savings" });
 * given.ok && ledger.ownerOf(given.script)?.index // 0
 * const records = ledger.takeChanges();
 */
export class WalletLedger extends WalletKeys {
  /** A new wallet, with descriptors for each kind of address unless it is blank or without private keys. */
  static create(options: CreateLedgerOptions): WalletLedger {
    requireCreateOptions(options, "options");
    const { master, birthday, disablePrivateKeys = false, blank = false } = options;
    if (master !== undefined) requireMaster(master, "options.master");
    const parts = makeParts(options);
    parts.meta.keypoolSize = options.keypoolSize ?? KEYPOOL_SIZE;
    parts.meta.birthday = birthday ?? parts.now();
    parts.meta.setFlag("disablePrivateKeys", disablePrivateKeys);
    parts.meta.setFlag("avoidReuse", options.avoidReuse ?? false);
    parts.meta.setFlag("blank", blank);
    if (!blank && !disablePrivateKeys) setUpDescriptors(parts, master);
    return new WalletLedger(parts);
  }

  /**
   * A wallet from all its records, in any order.
   * @throws WalletError `corrupt`, `newer-version`, `wrong-network`
   */
  static load(records: Iterable<WalletRecord>, host: LedgerHost): WalletLedger {
    requireIterable(records, "records", "records");
    requireHost(host, "host");
    const parts = makeParts(host);
    const ledger = new WalletLedger(parts);
    loadParts(parts, records, {});
    return ledger;
  }

  protected override scriptsAdded(): void {}
}
