/** The wallets of a node, from its options. */
import type { Log } from "@chain/engine";
import type { WalletSettings } from "@chain/rpc";
import { Commands } from "../notify/commands.ts";
import type { RunningWallet, WalletNode } from "./runningWallet.ts";
import { StartupFile } from "./startupFile.ts";
import { Wallets } from "./wallets.ts";

/** How a node keeps its wallets. */
export interface WalletConfig extends Partial<Omit<WalletSettings, "changeType">> {
  readonly changeType?: WalletSettings["changeType"];
  /** Default: `wallets_<NODE_ID>` in the data directory. */
  readonly directory?: string;
  /** Wallets to load at the start, besides those that callers have asked to be loaded then. */
  readonly load?: readonly string[];
  /** Loads no others. Core: -nowallet. */
  readonly loadNoOthers?: boolean;
  /**
   * A command for each transaction of a wallet that is new or has another state: %s is its id, %w the wallet, %b the hash
   * of its block or `unconfirmed`, %h its height or -1. Core: -walletnotify.
   */
  readonly notify?: string;
}

export interface WalletPlaces {
  readonly directory: string;
  readonly settings: string;
}

/** Core: DEFAULT_TRANSACTION_MAXFEE, a tenth of a coin. */
const MAX_FEE = 10_000_000n;
/** Core: DEFAULT_KEYPOOL_SIZE. */
const KEYPOOL = 1_000;

/**
 * @param places without them, wallets are in memory
 * @throws UserError `damaged`, `io`
 */
export async function startWallets(
  config: WalletConfig,
  places: WalletPlaces | undefined,
  node: Omit<WalletNode, "settings" | "notify">,
): Promise<Wallets> {
  const { log } = node;
  const startup = places && new StartupFile(places.settings, log);
  const wallets = new Wallets({
    node: {
      ...node,
      settings: settingsOf(config),
      notify: config.notify ? notifier(config.notify, log) : undefined,
    },
    directory: places && (config.directory ?? places.directory),
    startup,
  });
  try {
    await wallets.loadAll(await namesOf(config, startup, wallets));
  } catch (error) {
    await wallets.stop();
    throw error;
  }
  return wallets;
}

/** Core: getSettingsList("wallet"), and the default of VerifyWallets. */
async function namesOf(
  { load, loadNoOthers = false }: WalletConfig,
  startup: StartupFile | undefined,
  wallets: Wallets,
): Promise<readonly string[]> {
  const asked = loadNoOthers ? [] : await startup?.wallets();
  if (load === undefined && asked === undefined) {
    const names = await wallets.unnamed();
    startup?.assume(names);
    return names;
  }
  return [...(load ?? []), ...(asked ?? [])];
}

function settingsOf(config: WalletConfig): WalletSettings {
  return {
    addressType: config.addressType ?? "bech32",
    changeType: config.changeType,
    fallbackFee: config.fallbackFee ?? 0n,
    maxFee: config.maxFee ?? MAX_FEE,
    avoidPartialSpends: config.avoidPartialSpends ?? false,
    rbf: config.rbf ?? true,
    broadcast: config.broadcast ?? true,
    spendZeroConfChange: config.spendZeroConfChange ?? true,
    keypool: Math.max(1, config.keypool ?? KEYPOOL),
  };
}

/** Core: the end of CWallet::AddToWallet. */
function notifier(command: string, log: Log): WalletNode["notify"] {
  const commands = new Commands(log);
  return ({ name, ledger }: RunningWallet, txid) => {
    const state = ledger.transaction(txid)?.state;
    const values: Readonly<Record<string, string>> = {
      s: txid,
      w: quoted(name),
      b: state?.type === "confirmed" ? state.hash : "unconfirmed",
      h: state?.type === "confirmed" ? `${state.height}` : "-1",
    };
    commands.run(command.replace(/%([swbh])/g, (_, letter: string) => values[letter] ?? ""));
  };
}

/** Core: ShellEscape. */
function quoted(name: string): string {
  return `'${name.replaceAll("'", `'"'"'`)}'`;
}
