import { present } from "@chain/core/arguments";
import {
  type ControlClient,
  type Identity,
  type IdentityOptions,
  openEither,
  openOfflineCoins,
  parseAddress,
  parseIdentity,
  type SpendableCoin,
  UserError,
} from "@chain/fullnode";
import type { Context } from "@chain/terminal";
import { formatJson, withExamples, withIdentity } from "@chain/terminal";
import { formatAmount, WalletError } from "@chain/wallet";
import type { Command } from "commander";
import { handInAgain } from "../handInAgain.ts";
import { againWhereNodeEnds, openWallet } from "../opening.ts";
import { watchFor } from "../watching.ts";

interface Flags extends IdentityOptions {
  readonly address: readonly string[];
  readonly json?: boolean;
}

/** `getbalance`: from the node if it runs, else from its database. */
export function addGetBalance(program: Command, context: Context): void {
  const command = program
    .command("getbalance")
    .description("print the balances of addresses, as the node of this wallet knows them")
    .requiredOption("--address <address...>", "an address, of this wallet or not; several are fine")
    .option("--json", "print JSON; amounts are texts, as they are exact");
  withExamples(
    withIdentity(command),
    "NODE_ID=3001 chain-wallet getbalance --address CXQvAzajmKsFCUAgtUusmQA6G91xrP2XKG",
  ).action(async (flags: Flags) => {
    const identity = parseIdentity(flags, context.env);
    const addresses = flags.address;
    const scripts = addresses.map((address) =>
      parseAddress(address, identity.network, "--address"),
    );
    const rows = await againWhereNodeEnds(() =>
      readBalances(identity, context, addresses, scripts),
    );
    await context.io.write(flags.json ? asJson(rows) : rows.map(asText).join(""));
  });
}

interface Row {
  readonly address: string;
  /** Base units that can be spent, the unconfirmed ones included. */
  readonly balance: bigint;
  readonly unconfirmed: bigint;
  /** Base units of coinbases that the next block may not spend yet. */
  readonly immature: bigint;
}

async function readBalances(
  identity: Identity,
  context: Context,
  addresses: readonly string[],
  scripts: readonly Uint8Array[],
): Promise<readonly Row[]> {
  const { running, offline } = await openEither(identity, openOfflineCoins, context.say);
  try {
    if (running?.isLight) {
      const wallet = await openWallet(identity, context).catch(ignoreMissing);
      await watchFor(running, wallet, scripts);
    }
    if (running !== undefined) await handInLost(identity, context, running);
    const rows: Row[] = [];
    const node = running ?? offline;
    const { coinbaseMaturity } = node.params;
    for (const [i, script] of scripts.entries()) {
      const all = await node.coins(script);
      // Asked for afterwards, because a block that came meanwhile only makes coins older.
      const height = (running === undefined ? offline.tip : await running.info()).height;
      const isImmature = ({ coin }: SpendableCoin) =>
        coin.coinbase && height + 1 - coin.height < coinbaseMaturity;
      const coins = all.filter((coin) => !isImmature(coin));
      const sum = (some: readonly SpendableCoin[]) =>
        some.reduce((total, { coin }) => total + coin.value, 0n);
      const unconfirmed = sum(coins.filter(({ pending }) => pending));
      const immature = sum(all.filter(isImmature));
      rows.push({
        address: present(addresses[i], "addresses[i]"),
        balance: sum(coins),
        unconfirmed,
        immature,
      });
    }
    return rows;
  } finally {
    await offline?.close();
  }
}

function asJson(rows: readonly Row[]): string {
  return formatJson(
    rows.map(({ address, balance, unconfirmed, immature }) => ({
      address,
      balance: formatAmount(balance),
      unconfirmed: formatAmount(unconfirmed),
      immature: formatAmount(immature),
    })),
  );
}

function asText({ address, balance, unconfirmed, immature }: Row): string {
  const note = unconfirmed === 0n ? "" : ` (${formatAmount(unconfirmed)} of it in no block yet)`;
  const more =
    immature === 0n ? "" : `, and ${formatAmount(immature)} immature: mined too recently`;
  return `Balance of '${address}': ${formatAmount(balance)}${note}${more}\n`;
}

/** A node may have no wallet, and may be asked for the coins of others. */
function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof UserError || error instanceof WalletError)) throw error;
}

/** A balance shows payments of this wallet that the node has lost, where there is a wallet. */
async function handInLost(
  identity: Identity,
  context: Context,
  node: ControlClient,
): Promise<void> {
  try {
    await handInAgain(await openWallet(identity, context), node);
  } catch (error) {
    if (error instanceof UserError && error.code === "no-node") throw error;
    // A node that has no wallet has nothing to hand in, and a wallet that can't be read is no matter of a balance.
    if (!(error instanceof UserError || error instanceof WalletError)) throw error;
  }
}
