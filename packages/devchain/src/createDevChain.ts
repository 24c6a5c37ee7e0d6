import { regtest, type ScriptCheck, type TxOutput } from "@chain/core";
import { EngineError } from "@chain/engine";
import { type CreateNodeOptions, createNode } from "@chain/fullnode";
import type { RpcHost } from "@chain/rpc";
import { MemoryStore } from "@chain/storage";
import { DEFAULT_MNEMONIC, makeAccounts } from "./accounts.ts";
import { checkAutomine } from "./automine.ts";
import { blocksFor, storeWith } from "./beginning.ts";
import { DevClock } from "./clock.ts";
import { DevChain } from "./devChain.ts";
import { devHost } from "./devHost.ts";
import { parseState } from "./dump.ts";
import { checkOptions, type DevChainOptions, type DevDoor } from "./options.ts";
import type { FixedRate } from "./types.ts";
import { Waivers } from "./waivers.ts";

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
  const { automine = false, doors = [], blockInterval, state: text } = options;
  checkAutomine(automine);
  const state = text === undefined ? undefined : parseState(text);
  const { mnemonic = DEFAULT_MNEMONIC } = state ?? options;
  const accounts = makeAccounts(mnemonic, state?.accounts ?? count);
  const clock = new DevClock(options.time);
  // A clock that goes is not put back: programs outside go by the time of the system.
  const isAhead = state !== undefined && state.clock.time > clock.now();
  if (state?.clock.isStill === true || isAhead) clock.restore(state.clock);
  const waivers = new Waivers();
  const fees: FixedRate = {
    rate: state?.feeRate === undefined ? undefined : BigInt(state.feeRate),
  };
  const funds = BigInt(count) * balance;
  const time = Math.floor(clock.now() / 1000);
  const store =
    state === undefined
      ? await storeWith(blocksFor(funds, regtest), time, regtest)
      : new MemoryStore();
  let chain: DevChain | undefined;
  const rpcHost = (own: RpcHost): RpcHost => ({
    ...own,
    mining: miningOf(own, () => chain),
    fees: { ...own.fees, fixed: fees },
    // The answer goes out first.
    control: { ...own.control, stop: () => void setTimeout(() => void chain?.close(), 50) },
    get dev() {
      return chain && devHost(chain);
    },
  });
  const skipsScript = (check: ScriptCheck) => waivers.skips(check);
  const node = await createNode({ ...nodeOptions(options), store, clock, rpcHost, skipsScript });
  chain = new DevChain({
    node,
    clock,
    accounts,
    mnemonic,
    waivers,
    fees,
    onClose: options.onClose,
  });
  try {
    const outputs = balance === 0n ? [] : accounts.map((each) => fundsOf(each, balance));
    await (state === undefined ? chain.begin(outputs) : chain.load(state));
    chain.setBlockInterval(state?.blockInterval ?? blockInterval);
    chain.setAutomine(automine);
    await openDoors(chain, options, doors);
  } catch (error) {
    await chain.close();
    throw error;
  }
  return chain;
}

function nodeOptions({
  rpc,
  port,
  host,
  policy,
  indexes,
  log,
}: DevChainOptions): CreateNodeOptions {
  return {
    ...(rpc !== undefined && { rpc }),
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
    ...(policy !== undefined && { policy }),
    ...(indexes !== undefined && { indexes }),
    ...(log !== undefined && { log }),
  };
}

async function openDoors(
  chain: DevChain,
  { rpc = false, host = "127.0.0.1" }: DevChainOptions,
  doors: readonly DevDoor[],
): Promise<void> {
  const { node } = chain;
  const close = async () => {};
  if (rpc !== false) {
    const { url } = node.rpc;
    const { rest = false, events = false } = rpc === true ? {} : rpc;
    chain.addDoor("rpc", { url, close });
    if (rest) chain.addDoor("rest", { url: `${url}/rest/`, close });
    if (events) chain.addDoor("events", { url: `${url}/events`, close });
  }
  if (node.port !== undefined) chain.addDoor("p2p", { url: `${host}:${node.port}`, close });
  for (const door of doors) chain.addDoor(door.name, await door.open(chain));
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
