import type { DevHost } from "@chain/rpc";
import type { DevChain } from "./devChain.ts";

/** The verbs of a chain, as the methods `chain_…` of the RPC call them. */
export function devHost(chain: DevChain): DevHost {
  return {
    about: () => {
      const { mnemonic, accounts, now, automine, doors } = chain;
      return { mnemonic, accounts: accounts.length, time: now, automine, doors };
    },
    accounts: () =>
      Promise.all(
        chain.accounts.map(async (account) => {
          const { index, address, wif, addresses, descriptors } = account;
          const balance = await chain.balance(account);
          return { index, address, wif, addresses, descriptors, balance };
        }),
      ),
    mine: (count, { to, interval }) =>
      chain.mine(count, {
        ...(to !== undefined && { to }),
        ...(interval !== undefined && { interval }),
      }),
    setAutomine: (mode) => chain.setAutomine(mode),
    setBlockInterval: (interval) => chain.setBlockInterval(interval),
    setTime: (time) => chain.setTime(time),
    increaseTime: (seconds) => chain.increaseTime(seconds),
    fund: (to, amount) => chain.fund(to, amount),
    faucet: (to, amount, fee) => chain.faucet(to, amount, fee),
    send: (from, to, amount, fee) => chain.send(from, to, amount, fee),
    spendAs: (of, to, amount, fee) => chain.spendAs(of, to, amount, fee),
    snapshot: () => chain.snapshot(),
    revert: (id) => chain.revert(id),
    rollback: (depth) => chain.rollback(depth),
    reorg: (options) => chain.reorg(options),
    drop: (txid) => chain.drop(txid),
    setFeeRate: (feeRate) => chain.setFeeRate(feeRate),
    dump: () => chain.dump(),
    settled: () => chain.settled(),
  };
}
