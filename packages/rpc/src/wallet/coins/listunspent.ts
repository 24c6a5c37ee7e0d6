import type { Method } from "../../define/method.ts";
import {
  boolean,
  integer,
  list,
  long,
  options,
  rawAmount,
  readAmount,
  readInteger,
  string,
} from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import type { Json } from "../../json/parse.ts";
import { requireScript, scriptKey } from "../../methods/addresses.ts";
import { walletMethod } from "../method.ts";
import { describeCoin, UNSPENT } from "./describeCoin.ts";

const INT64 = [-(1n << 63n), (1n << 63n) - 1n] as const;

export const listunspent: Method = walletMethod({
  name: "listunspent",
  description:
    "Returns array of unspent transaction outputs\nwith between minconf and maxconf (inclusive) confirmations.\nOptionally filter to only include txouts paid to specified addresses.",
  arguments: [
    integer("minconf", { text: "The minimum confirmations to filter", fallback: 1 }),
    integer("maxconf", { text: "The maximum confirmations to filter", fallback: 9_999_999 }),
    list("addresses", string("address", { text: "bitcoin address" }), {
      text: "The bitcoin addresses to filter",
      fallback: [],
    }),
    boolean("include_unsafe", {
      text: 'Include outputs that are not safe to spend\nSee description of "safe" attribute below.',
      fallback: true,
    }),
    options(
      "query_options",
      [
        rawAmount("minimumAmount", { text: "Minimum value of each UTXO", fallback: 0 }),
        rawAmount("maximumAmount", { text: "Maximum value of each UTXO", hint: "unlimited" }),
        long("maximumCount", { text: "Maximum number of UTXOs", hint: "unlimited" }),
        rawAmount("minimumSumAmount", {
          text: "Minimum sum value of all UTXOs",
          hint: "unlimited",
        }),
        boolean("include_immature_coinbase", {
          text: "Include immature coinbase UTXOs",
          fallback: false,
        }),
      ],
      { text: "Which outputs", optional: true, oneLine: "query_options" },
    ),
  ],
  results: [{ schema: UNSPENT }],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "an address is none" },
    { code: RPC_INVALID_PARAMETER, when: "an address is named twice" },
  ],
  examples: [[], [6, 9_999_999, [], true, { minimumAmount: 0.005 }]],
  waits: false,
  run: async (given, wallet, { host }) => {
    const scripts = namedScripts(given.addresses, host);
    const query = queryOf(given.query_options);
    await wallet.caughtUp();
    const found = wallet.ledger.coins({
      minDepth: given.minconf,
      maxDepth: given.maxconf,
      includeUnsafe: given.include_unsafe,
      includeReused: true,
      ...query.filter,
    });
    const coins: (typeof found)[number][] = [];
    let sum = 0n;
    // As in Core, limits end the search before outputs of other addresses are left out.
    for (const coin of found) {
      if (scripts.size === 0 || scripts.has(scriptKey(coin.scriptPubKey))) coins.push(coin);
      sum += coin.value;
      query.count--;
      if (sum >= query.minSum || query.count === 0n) break;
    }
    return coins.map((coin) => describeCoin(coin, wallet, host));
  },
});

/** @throws RpcError -5, -8 */
function namedScripts(addresses: readonly string[], host: RpcHost): ReadonlySet<string> {
  const scripts = new Set<string>();
  for (const address of addresses) {
    const message = `Invalid Bitcoin address: ${address}`;
    const key = scriptKey(requireScript(address, host, message));
    if (scripts.has(key)) {
      const twice = `Invalid parameter, duplicated address: ${address}`;
      throw new RpcError(RPC_INVALID_PARAMETER, twice);
    }
    scripts.add(key);
  }
  return scripts;
}

const MAX_SUM = (1n << 63n) - 1n;

function queryOf(given: { readonly [name: string]: Json } = {}) {
  const amount = (name: string) => {
    const value = given[name] ?? null;
    return value === null ? undefined : readAmount(value);
  };
  const count = given["maximumCount"] ?? null;
  const minValue = amount("minimumAmount");
  const maxValue = amount("maximumAmount");
  const includeImmature = given["include_immature_coinbase"] === true;
  return {
    filter: {
      includeImmature,
      ...(minValue !== undefined && { minValue }),
      ...(maxValue !== undefined && { maxValue }),
    },
    minSum: amount("minimumSumAmount") ?? MAX_SUM,
    // 0: no limit.
    count: count === null ? 0n : readInteger(count, ...INT64),
  };
}
