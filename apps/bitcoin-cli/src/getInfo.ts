/** `-getinfo`: the answers of several methods as one page. Core: GetinfoRequestHandler, ParseGetInfoResult. */
import type { Json } from "@chain/rpc";
import { CliError } from "./error.ts";
import { field, fieldText, isObject, listOf } from "./print.ts";

/** The methods that are asked; there need not be a wallet. */
export const INFO_METHODS = [
  "getnetworkinfo",
  "getblockchaininfo",
  "getwalletinfo",
  "getbalances",
] as const;

/** Colours of a terminal; each is empty where there are none. */
type Paint = Readonly<Record<"reset" | "green" | "blue" | "yellow" | "magenta" | "cyan", string>>;

/** @throws CliError for a colour setting that is none */
export function paintOf(setting: string, isTerminal: boolean): Paint {
  if (!["always", "auto", "never"].includes(setting)) {
    const valid = "Valid values: always, auto, never.";
    throw new CliError(`Invalid value for -color option. ${valid}`);
  }
  const isColoured = setting === "always" || (setting === "auto" && isTerminal);
  const code = (number: number) => (isColoured ? `\x1b[${number}m` : "");
  return {
    reset: code(0),
    green: code(32),
    blue: code(34),
    yellow: code(33),
    magenta: code(35),
    cyan: code(36),
  };
}

/**
 * @param results of the methods, `null` for one that failed
 * @param balances of all wallets by name, where there are several
 */
export function infoPage(
  [network = null, chain = null, wallet = null, own = null]: readonly Json[],
  balances: ReadonlyMap<string, string>,
  { reset, green, blue, yellow, magenta, cyan }: Paint,
): string {
  const of = (value: Json) => (name: string) => fieldText(value, name);
  const [ofNetwork, ofChain, ofWallet] = [of(network), of(chain), of(wallet)];
  const connections =
    `in ${ofNetwork("connections_in")}, out ${ofNetwork("connections_out")}, ` +
    `total ${ofNetwork("connections")}`;
  const progress = Number(ofChain("verificationprogress"));
  const lines = [
    `${blue}Chain: ${ofChain("chain")}${reset}`,
    `Blocks: ${ofChain("blocks")}`,
    `Headers: ${ofChain("headers")}`,
    `Verification progress: ${progressBar(progress)}${(progress * 100).toFixed(4)}%`,
    `Difficulty: ${ofChain("difficulty")}`,
    "",
    `${green}Network: ${connections}${reset}`,
    `Version: ${ofNetwork("version")}`,
    `Time offset (s): ${ofNetwork("timeoffset")}`,
    `Proxies: ${proxies(field(network, "networks"))}`,
    `Min tx relay fee rate (BTC/kvB): ${ofNetwork("relayfee")}`,
    "",
  ];
  if (isObject(wallet)) {
    lines.push(`${magenta}Wallet: ${ofWallet("walletname") || '""'}${reset}`);
    lines.push(`Keypool size: ${ofWallet("keypoolsize")}`);
    const until = ofWallet("unlocked_until");
    if (until !== "") lines.push(`Unlocked until: ${until}`);
  }
  const balance = fieldText(own, "mine", "trusted");
  if (balance !== "") lines.push(`${cyan}Balance:${reset} ${balance}`, "");
  if (balances.size > 0) lines.push(`${cyan}Balances${reset}`, ...balanceLines(balances), "");
  lines.push(`${yellow}Warnings:${reset} ${warnings(field(network, "warnings"))}`);
  return lines.join("\n");
}

const STEP = 0.05;

/** Only while blocks are missing. Core: GetProgressBar. */
function progressBar(progress: number): string {
  if (!(progress >= 0 && progress < 0.99)) return "";
  return `${"▒".repeat(Math.ceil(progress / STEP))}${"░".repeat(Math.ceil((1 - progress) / STEP))} `;
}

/** Each proxy with the networks that are reached by it. */
function proxies(networks: Json): string {
  const names = new Map<string, string[]>();
  for (const network of listOf(networks)) {
    const proxy = fieldText(network, "proxy");
    if (proxy === "") continue;
    names.set(proxy, [...(names.get(proxy) ?? []), fieldText(network, "name")]);
  }
  return [...names].map(([proxy, all]) => `${proxy} (${all.join(", ")})`).join(", ") || "n/a";
}

function balanceLines(balances: ReadonlyMap<string, string>): string[] {
  const width = Math.max(10, ...[...balances.values()].map(({ length }) => length));
  return [...balances].map(([name, amount]) => `${amount.padStart(width)} ${name || '""'}`);
}

/** A text before Core 28, a list since. */
function warnings(value: Json): string {
  const texts = typeof value === "string" ? [value] : listOf(value).map((each) => String(each));
  return texts.filter((text) => text !== "").join(" ") || "(none)";
}
