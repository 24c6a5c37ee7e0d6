/** From Core's options to the wallets of a node. Core: wallet/init.cpp, load.cpp, CWallet::LoadWalletArgs. */
import { realpathSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { type NodeConfig, UserError } from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";
import { parseAmount } from "@chain/wallet";
import { ACCOUNT_KINDS, type AccountKind } from "@chain/wallet/accounts";
import { rate, wholeNumber, withoutUndefined } from "./values.ts";

type Wallets = NonNullable<NodeConfig["wallets"]>;

/** `undefined` with -disablewallet. @throws UserError `usage` */
export function wallets(settings: Settings): Wallets | undefined {
  if (settings.flag("disablewallet", false)) return undefined;
  const maxFee = maximum(settings);
  const given: { readonly [Name in keyof Wallets]-?: Wallets[Name] | undefined } = {
    directory: directory(settings),
    load: settings.has("wallet") ? settings.list("wallet") : undefined,
    loadNoOthers: settings.isNegated("wallet"),
    addressType: addressType(settings, "addresstype", "address"),
    changeType: addressType(settings, "changetype", "change"),
    fallbackFee: rate(settings, "fallbackfee"),
    maxFee,
    avoidPartialSpends: settings.flag("avoidpartialspends", false),
    rbf: settings.flag("walletrbf", true),
    broadcast: settings.flag("walletbroadcast", !settings.flag("blocksonly", false)),
    spendZeroConfChange: settings.flag("spendzeroconfchange", true),
    keypool: wholeNumber(settings, "keypool"),
    notify: settings.text("walletnotify") || undefined,
  };
  return withoutUndefined(given);
}

function addressType(settings: Settings, name: string, what: string): AccountKind | undefined {
  const text = settings.text(name);
  if (text === undefined || text === "") return undefined;
  const kind = ACCOUNT_KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  throw new UserError("usage", `Unknown ${what} type '${text}'`);
}

function maximum(settings: Settings): bigint | undefined {
  const text = settings.text("maxtxfee");
  if (text === undefined) return undefined;
  const parsed = parseAmount(text, { allowZero: true });
  if (!parsed.ok) {
    throw new UserError("usage", `Invalid amount for -maxtxfee=<amount>: '${text}'`);
  }
  const least = rate(settings, "minrelaytxfee") ?? MIN_RELAY_FEE_RATE;
  if (parsed.amount >= least) return parsed.amount;
  const digits = String(least).padStart(9, "0");
  const named = `${digits.slice(0, -8)}.${digits.slice(-8)} BTC/kvB`;
  throw new UserError(
    "usage",
    `Invalid amount for -maxtxfee=<amount>: '${text}' (must be at least the minrelay fee of ${named} to prevent stuck transactions)`,
  );
}

/** Core: DEFAULT_MIN_RELAY_TX_FEE. */
const MIN_RELAY_FEE_RATE = 100n;

function directory(settings: Settings): string | undefined {
  const path = settings.text("walletdir");
  if (path === undefined || path === "") return undefined;
  const refuse = (what: string) => new UserError("usage", `Specified -walletdir "${path}" ${what}`);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw refuse("does not exist");
  if (!found.isDirectory()) throw refuse("is not a directory");
  if (!isAbsolute(path)) throw refuse("is a relative path");
  return realpathSync(path);
}
