/** A node with a wallet that has coins: the chain is real, and the wallet follows it. */
import { hexToBytes, regtest, Transaction, type Txid } from "@chain/core";
import type { ChainChange, MempoolEntry } from "@chain/engine";
import { decodeAddress } from "@chain/wallet";
import type { WalletLedger } from "@chain/wallet/ledger";
import type { RpcWallet } from "../../src/wallet/host.ts";
import { startHost, type TestHost } from "./host.ts";
import { TestWallets } from "./wallets.ts";

/** Coinbases may be spent soon: blocks take time. */
const params = { ...regtest, coinbaseMaturity: 2 };
/** An address that is not the wallet's. */
export const FOREIGN = "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202";

interface Options {
  readonly blocks?: number;
  readonly avoidReuse?: boolean;
  /** Passes before the chain answers for the wallet's transactions, and before each call begins. */
  readonly pause?: () => Promise<void>;
}

export interface TestWallet extends TestHost {
  readonly ledger: WalletLedger;
  /** The wallet's address that has its coins. */
  readonly address: string;
  readonly caughtUp: () => Promise<void>;
  readonly transactionOf: (hex: string) => Transaction;
  /** In the mempool. */
  readonly waiting: (txid: string) => MempoolEntry | undefined;
}

/** A node whose wallet `w` has the coins of so many blocks, all mature. */
export async function startWallet(options: Options = {}): Promise<TestWallet> {
  const { blocks = 3, avoidReuse = false, pause } = options;
  const wallets = new TestWallets(params);
  const started = await startHost({ params, parts: { wallets } });
  const { chain, call, mine } = started;
  await call("createwallet", "w", false, false, "", avoidReuse);
  const created = wallets.all.get("w");
  if (created === undefined) throw new TypeError("no wallet");
  const { ledger } = created;
  const following = await chain.follow({
    name: "w",
    mempool: true,
    position: async () => ledger.tip,
    apply: async (changes: readonly ChainChange[], end) => ledger.apply(changes, end),
  });
  await following.caughtUp;
  const caughtUp = async () => {
    await chain.run(async () => {});
    await pause?.();
  };
  const commit: RpcWallet["commit"] = async (transaction, notes) => {
    ledger.commit(transaction, notes ?? {});
    await pause?.();
    await chain.acceptTransaction(transaction);
    await caughtUp();
  };
  wallets.all.set("w", { ...created, caughtUp, commit });
  const address = await call<string>("getnewaddress");
  const decoded = decodeAddress(address, regtest);
  if (!decoded.ok) throw new TypeError(decoded.reason);
  await mine(blocks, decoded.script);
  await mine(2);
  await caughtUp();
  const transactionOf = (hex: string) => Transaction.fromBytes(hexToBytes(hex));
  const waiting = (txid: string) => chain.mempool.get(txid as Txid);
  return { ...started, ledger, address, transactionOf, waiting, caughtUp };
}
