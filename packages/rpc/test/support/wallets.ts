/** Wallets in memory for tests of their methods: real ledgers, without a node that follows the chain for them. */
import { type ChainParams, regtest, type Seconds } from "@chain/core";
import type { ChainManager } from "@chain/engine";
import { WalletLedger } from "@chain/wallet/ledger";
import type {
  NewWallet,
  RpcWallet,
  ScanResult,
  WalletHost,
  WalletSettings,
} from "../../src/wallet/host.ts";

const SETTINGS: WalletSettings = {
  addressType: "bech32",
  changeType: undefined,
  fallbackFee: 20_000n,
  maxFee: 10_000_000n,
  avoidPartialSpends: false,
  rbf: true,
  broadcast: true,
  spendZeroConfChange: true,
  keypool: 5,
};
/** Quick to compute. */
const COST = { n: 2, r: 8, p: 1 };

export class TestWallets implements WalletHost {
  readonly #params: ChainParams;

  constructor(params: ChainParams = regtest) {
    this.#params = params;
  }

  readonly all: Map<string, RpcWallet> = new Map();
  readonly open: Set<string> = new Set();
  /** `load_on_startup` as it was given last. */
  readonly startup: Map<string, boolean | undefined> = new Map();
  now: Seconds = 1_800_000_000;
  /** The chain that wallets follow which are made from now on. */
  chain: ChainManager | undefined;

  loaded = (): readonly RpcWallet[] =>
    [...this.open].flatMap((name) => {
      const wallet = this.all.get(name);
      return wallet === undefined ? [] : [wallet];
    });
  list = async (): Promise<readonly string[]> => [...this.all.keys()];

  create: WalletHost["create"] = async (name, options) => {
    if (this.all.has(name)) {
      return { ok: false, why: "failed", message: "Database already exists." };
    }
    const ledger = await this.#ledger(options);
    const wallet = this.#walletOf(name, ledger);
    this.all.set(name, wallet);
    await this.#follow(name, ledger);
    return this.#opened(wallet, options.loadOnStartup);
  };

  load: WalletHost["load"] = async (name, loadOnStartup) => {
    const wallet = this.all.get(name);
    if (wallet !== undefined) return this.#opened(wallet, loadOnStartup);
    return { ok: false, why: "not-found", message: `there is no ${name}` };
  };

  restore: WalletHost["restore"] = async (name, file) => ({
    ok: false,
    why: this.all.has(name) ? "already-exists" : "invalid",
    message: `${file} was not restored`,
  });

  unload: WalletHost["unload"] = async ({ name }, loadOnStartup) => {
    this.startup.set(name, loadOnStartup);
    return this.open.delete(name) ? [] : undefined;
  };

  #opened(wallet: RpcWallet, loadOnStartup: boolean | undefined) {
    this.open.add(wallet.name);
    this.startup.set(wallet.name, loadOnStartup);
    return { ok: true, wallet, warnings: [] } as const;
  }

  /** Keeps it in step with the chain of the test, from now on. */
  async #follow(name: string, ledger: WalletLedger): Promise<void> {
    const { chain } = this;
    if (chain === undefined) return;
    const { hash, height } = chain.tip;
    ledger.tip = { hash, height };
    const following = await chain.follow({
      name: `wallet ${name}`,
      mempool: true,
      position: async () => ledger.tip,
      apply: async (changes, end) => ledger.apply(changes, end),
    });
    await following.caughtUp;
  }

  /** Blocks of the best chain, one after the other. */
  async #scan(ledger: WalletLedger, from: number, to: number): Promise<ScanResult> {
    for (let height = from; height <= to; height++) {
      const node = this.chain?.headers.activeAt(height);
      const block = node && (await this.chain?.getBlock(node.hash));
      if (node === undefined || block === undefined) {
        return { status: "failed", lastHeight: height - 1, failedHeight: height };
      }
      ledger.scanBlock(block, { hash: node.hash, height }, node.header.time);
    }
    return { status: "done", lastHeight: to };
  }

  async #ledger({ passphrase, blank, ...options }: NewWallet): Promise<WalletLedger> {
    const host = { params: this.#params, now: () => this.now, scryptCost: COST };
    const ledger = WalletLedger.create({ ...host, ...options, blank, keypoolSize: 5 });
    if (passphrase !== "") await ledger.encrypt(passphrase);
    return ledger;
  }

  #walletOf(name: string, ledger: WalletLedger): RpcWallet {
    let until: Seconds = 0;
    const isRight = (act: Promise<void>) =>
      act.then(
        () => true,
        () => false,
      );
    return {
      name,
      ledger,
      settings: SETTINGS,
      format: "memory",
      caughtUp: async () => {},
      derive: async () => {},
      save: async () => void ledger.takeChanges(),
      commit: async () => {},
      resubmit: async () => {},
      backup: async (destination) => !destination.startsWith("/nowhere"),
      rescans: {
        current: () => undefined,
        scan: (from, to = ledger.tip?.height ?? 0) => this.#scan(ledger, from, to),
        abort: () => false,
      },
      encryption: {
        unlockedUntil: () => (ledger.isLocked ? 0 : until),
        lock: () => ledger.lock(),
        encrypt: (passphrase) => ledger.encrypt(passphrase),
        change: (old, passphrase) => isRight(ledger.changePassphrase(old, passphrase)),
        unlock: (passphrase, seconds) => {
          until = this.now + seconds;
          return isRight(ledger.unlock(passphrase, until));
        },
      },
    };
  }
}
