/** Methods of one wallet, and what they have in common. Core: wallet/rpc/util.cpp. */
import type { Argument, Values } from "../define/argument.ts";
import {
  type Call,
  defineMethod,
  type ErrorCase,
  type Example,
  type Method,
  type ResultCase,
} from "../define/method.ts";
import {
  RPC_METHOD_NOT_FOUND,
  RPC_WALLET_ERROR,
  RPC_WALLET_INVALID_LABEL_NAME,
  RPC_WALLET_NOT_FOUND,
  RPC_WALLET_NOT_SPECIFIED,
  RPC_WALLET_UNLOCK_NEEDED,
  RpcError,
} from "../errors.ts";
import type { RpcHost } from "../host.ts";
import type { RpcWallet, WalletHost } from "./host.ts";

const NONE_LOADED =
  "No wallet is loaded. Load a wallet using loadwallet or create a new one with createwallet. (Note: A default wallet is no longer automatically created)";
const SEVERAL_LOADED =
  "Multiple wallets are loaded. Please select which wallet to use by requesting the RPC through the /wallet/<walletname> URI path.";
const NOT_LOADED = "Requested wallet does not exist or is not loaded";
const LOCKED = "Error: Please enter the wallet passphrase with walletpassphrase first.";

/** The errors of every method of one wallet. */
const WALLET_ERRORS: readonly ErrorCase[] = [
  { code: RPC_WALLET_NOT_FOUND, when: "the wallet, or any, is not loaded" },
  { code: RPC_WALLET_NOT_SPECIFIED, when: "several are loaded, and the path names none" },
];

/** The wallets of a node. @throws RpcError -32601 where it has none at all, as in Core with -disablewallet */
export function walletsOf({ wallets }: RpcHost): WalletHost {
  if (wallets !== undefined) return wallets;
  throw new RpcError(RPC_METHOD_NOT_FOUND, "Method not found");
}

/** The loaded wallet of this name. @throws RpcError -18 */
export function requireLoaded(host: RpcHost, name: string): RpcWallet {
  const wallet = walletsOf(host)
    .loaded()
    .find((each) => each.name === name);
  if (wallet !== undefined) return wallet;
  throw new RpcError(RPC_WALLET_NOT_FOUND, NOT_LOADED);
}

/** The wallet that a call is about. Core: GetWalletForJSONRPCRequest. @throws RpcError -18, -19 */
function walletOf({ host, wallet: name }: Pick<Call, "host" | "wallet">): RpcWallet {
  if (name !== undefined) return requireLoaded(host, name);
  const [first, ...others] = walletsOf(host).loaded();
  if (first === undefined) throw new RpcError(RPC_WALLET_NOT_FOUND, NONE_LOADED);
  if (others.length > 0) throw new RpcError(RPC_WALLET_NOT_SPECIFIED, SEVERAL_LOADED);
  return first;
}

interface Definition<Arguments extends readonly Argument[], Results extends readonly ResultCase[]> {
  readonly name: string;
  readonly description: string;
  readonly arguments: Arguments;
  readonly results: Results;
  readonly errors?: readonly ErrorCase[];
  readonly examples: readonly Example[];
  /** Whether it begins when the wallet has seen what the chain has answered for. Default: yes. */
  readonly waits?: boolean;
  readonly run: (params: Values<Arguments>, wallet: RpcWallet, call: Call) => unknown;
}

/** A method of one wallet: of that which the path of the request names, or of the only one that is loaded. */
export function walletMethod<
  const Arguments extends readonly Argument[],
  const Results extends readonly ResultCase[],
>({ run, waits = true, errors = [], ...rest }: Definition<Arguments, Results>): Method {
  return defineMethod<Arguments, Results>({
    ...rest,
    category: "wallet",
    errors: [...WALLET_ERRORS, ...errors],
    run: async (params, _, call) => {
      const wallet = walletOf(call);
      if (waits) await wallet.caughtUp();
      return (await run(params, wallet, call)) as never;
    },
  });
}

/** Core: EnsureWalletIsUnlocked. @throws RpcError -13 */
export function requireUnlocked({ ledger }: RpcWallet): void {
  if (ledger.isLocked) throw new RpcError(RPC_WALLET_UNLOCK_NEEDED, LOCKED);
}

/** Core: LabelFromValue. @throws RpcError -11 */
export function requireLabel(label: string): string {
  if (label !== "*") return label;
  throw new RpcError(RPC_WALLET_INVALID_LABEL_NAME, "Invalid label name");
}

/** Core: GetAvoidReuseFlag. @throws RpcError -4 where the wallet does not tell used addresses */
export function avoidsReuse({ ledger }: RpcWallet, wanted: boolean | undefined): boolean {
  const isPossible = ledger.hasFlag("avoidReuse");
  if (wanted !== true || isPossible) return wanted ?? isPossible;
  const message = 'wallet does not have the "avoid reuse" feature enabled';
  throw new RpcError(RPC_WALLET_ERROR, message);
}
