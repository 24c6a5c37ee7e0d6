import { regtest, type TxOutput } from "@chain/core";
import { EngineError } from "@chain/engine";
import { createNode } from "@chain/fullnode";
import type { RpcHost } from "@chain/rpc";
import { DEFAULT_MNEMONIC, makeAccounts } from "./accounts.ts";
import { checkAutomine } from "./automine.ts";
import { blocksFor, storeWith } from "./beginning.ts";
import { DevClock } from "./clock.ts";
import { DevChain } from "./devChain.ts";
import { checkOptions, type DevChainOptions } from "./options.ts";

/**
 * Starts a chain for developers: Bitcoin's regtest, in memory, in this process, without a port unless one is asked for.
 * Its accounts have coins that can be spent at once, and its tip is recent. Any number of chains run side by side.
 * @throws DevChainError `usage`; UserError `usage`, `in-use` of the node behind it
 * @example
 * const own = await createDevChain({ accounts: 2 });
 * const txid = await own.send(0, own.accounts[1], 25_000n);
 * await own.mine();
 * await own.balance(own.accounts[1]) // 100_0002_5000n
 * await own.close();
 */
export async function createDevChain(options: DevChainOptions = {}): Promise<DevChain> {
  const { accounts: count, balance } = checkOptions(options);
  const { mnemonic = DEFAULT_MNEMONIC, automine = false, blockInterval, doors = [] } = options;
  checkAutomine(automine);
  const accounts = makeAccounts(mnemonic, count);
  const clock = new DevClock(options.time);
  const funds = BigInt(count) * balance;
  const time = Math.floor(clock.now() / 1000);
  const store = await storeWith(blocksFor(funds, regtest), time, regtest);
  let chain: DevChain | undefined;
  const { rpc, port, host, policy, indexes, log } = options;
  const node = await createNode({
    ...{ store, clock, rpcHost: (own) => ({ ...own, mining: miningOf(own, () => chain) }) },
    ...(rpc !== undefined && { rpc }),
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
    ...(policy !== undefined && { policy }),
    ...(indexes !== undefined && { indexes }),
    ...(log !== undefined && { log }),
  });
  chain = new DevChain({ node, clock, accounts, mnemonic });
  try {
    const outputs = balance === 0n ? [] : accounts.map((each) => fundsOf(each, balance));
    await chain.begin(outputs);
    chain.setBlockInterval(blockInterval);
    chain.setAutomine(automine);
    const close = async () => {};
    if (rpc !== undefined && rpc !== false) chain.addDoor("rpc", { url: node.rpc.url, close });
    if (node.port !== undefined) {
      chain.addDoor("p2p", { url: `${host ?? "127.0.0.1"}:${node.port}`, close });
    }
    for (const door of doors) chain.addDoor(door.name, await door.open(chain));
  } catch (error) {
    await chain.close();
    throw error;
  }
  return chain;
}

function fundsOf({ scriptPubKey }: { readonly scriptPubKey: Uint8Array }, value: bigint): TxOutput {
  return { value, scriptPubKey };
}

/** Blocks of the RPC's callers are made in turn with the others, and at the times of this chain. */
function miningOf(own: RpcHost, chain: () => DevChain | undefined): RpcHost["mining"] {
  return {
    search: own.mining.search,
    mine: async (payTo, signal, maxTries) => {
      const block = await chain()?.mineFor({ payTo, signal, maxTries });
      if (block !== undefined) return block.hash;
      if (signal.aborted) throw new EngineError("stopped", "mining was stopped");
      throw new EngineError("exhausted", `no block was found in ${maxTries} tries`);
    },
  };
}
