/** The options of `startnode` about the wallets that its RPC serves. */
import { ACCOUNT_KINDS } from "@chain/wallet/accounts";
import type { NodeOption } from "./nodeOption.ts";
import { feeRate, oneOf, some } from "./parsers.ts";

/** Of wallets that one command line names. */
const MOST = 100;

export const WALLET_OPTIONS: readonly NodeOption[] = [
  {
    flags: "--disablewallet",
    core: "-disablewallet",
    group: "wallets",
    help: "serve no wallets: the RPC does not know createwallet and the like",
    set: () => ({ wallets: false }),
  },
  {
    flags: "--wallet <name>",
    core: "-wallet",
    group: "wallets",
    help: "load this wallet at the start (default: those that were made or loaded with load_on_startup)",
    most: MOST,
    set: ({ texts }) => ({ wallets: { load: texts } }),
  },
  {
    flags: "--addresstype <type>",
    core: "-addresstype",
    group: "wallets",
    help: "type of new addresses where a call names none: legacy, p2sh-segwit, bech32 or bech32m (default: bech32)",
    choices: ACCOUNT_KINDS,
    set: ({ text, flag }) => ({ wallets: { addressType: oneOf(ACCOUNT_KINDS)(text, flag) } }),
  },
  {
    flags: "--fallbackfee <coins>",
    core: "-fallbackfee",
    group: "wallets",
    help: "what wallets pay for 1,000 bytes where nothing is known about fees (default: 0, which refuses payments then)",
    set: ({ text, flag }) => ({ wallets: { fallbackFee: feeRate(text, flag) } }),
  },
  {
    flags: "--walletnotify <command>",
    core: "-walletnotify",
    group: "wallets",
    help: "run this in the shell for each transaction of a wallet that is new or has another state; %s in it is its id, %w the wallet, %b its block, %h its height",
    set: ({ text, flag }) => ({ wallets: { notify: some(text, flag) } }),
  },
];
