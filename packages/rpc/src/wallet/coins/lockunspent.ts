import type { Outpoint } from "@chain/core";
import type { Method } from "../../define/method.ts";
import { flag } from "../../define/result.ts";
import {
  boolean,
  integer,
  list,
  object,
  readHash,
  readInt32,
  readObject,
  txid,
} from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_TYPE_ERROR, RpcError } from "../../errors.ts";
import type { Json } from "../../json/parse.ts";
import { typeName } from "../../json/parse.ts";
import type { RpcWallet } from "../host.ts";
import { walletMethod } from "../method.ts";

export const lockunspent: Method = walletMethod({
  name: "lockunspent",
  description:
    "Updates list of temporarily unspendable outputs.\nTemporarily lock (unlock=false) or unlock (unlock=true) specified transaction outputs.\nIf no transaction outputs are specified when unlocking then all current locked transaction outputs are unlocked.\nA locked transaction output will not be chosen by automatic coin selection, when spending bitcoins.\nManually selected coins are automatically unlocked.\nLocks are stored in memory only, unless persistent=true, in which case they will be written to the\nwallet database and loaded on node start. Unwritten (persistent=false) locks are always cleared\n(by virtue of process exit) when a node stops or fails. Unlocking will clear both persistent and not.\nAlso see the listunspent call",
  arguments: [
    boolean("unlock", {
      text: "Whether to unlock (true) or lock (false) the specified transactions",
    }),
    list(
      "transactions",
      object(
        "output",
        [
          txid("txid", { text: "The transaction id" }),
          integer("vout", { text: "The output number" }),
        ],
        { text: "An output" },
      ),
      {
        text: "The transaction outputs and within each, the txid (string) vout (numeric).",
        hint: "[]",
      },
    ),
    boolean("persistent", {
      text: "Whether to write/erase this lock in the wallet database, or keep the change in memory only. Ignored for unlocking.",
      fallback: false,
    }),
  ],
  results: [{ schema: flag("Whether the command was successful or not") }],
  errors: [
    { code: RPC_INVALID_PARAMETER, when: "an output is unknown, spent, locked already, or not" },
    { code: RPC_TYPE_ERROR, when: "an output has not the right fields" },
  ],
  examples: [
    [
      false,
      [{ txid: "a08e6907dbbd3d809776dbfc5d82e371b764ed838b5655e72f463568df1aadf0", vout: 1 }],
    ],
  ],
  run: async ({ unlock, transactions, persistent }, wallet) => {
    const { ledger } = wallet;
    if (transactions === undefined) {
      if (unlock) for (const each of ledger.lockedCoins()) ledger.unlockCoin(each);
    } else {
      // All are checked before the first one is locked.
      const checks = { unlock, persistent };
      const outpoints = transactions.map((each) => outpointOf(each, wallet, checks));
      for (const outpoint of outpoints) {
        if (unlock) ledger.unlockCoin(outpoint);
        else ledger.lockCoin(outpoint, persistent);
      }
    }
    await wallet.save();
    return true;
  },
});

/** @throws RpcError -3, -8 */
function outpointOf(
  value: Json,
  { ledger }: RpcWallet,
  { unlock, persistent }: { readonly unlock: boolean; readonly persistent: boolean },
): Outpoint {
  const fields = readObject(value);
  for (const [name, type] of Object.entries({ txid: "string", vout: "number" } as const)) {
    const field = fields[name] ?? null;
    if (field === null) throw new RpcError(RPC_TYPE_ERROR, `Missing ${name}`);
    if (typeName(field) === type) continue;
    const message = `JSON value of type ${typeName(field)} for field ${name} is not of expected type ${type}`;
    throw new RpcError(RPC_TYPE_ERROR, message);
  }
  const outpoint: Outpoint = {
    txid: readHash(fields["txid"] ?? null, "txid"),
    vout: readInt32(fields["vout"] ?? null),
  };
  const { vout } = outpoint;
  if (vout < 0) throw invalid("vout cannot be negative");
  const known = ledger.transaction(outpoint.txid);
  if (known === undefined) throw invalid("unknown transaction");
  if (vout >= known.transaction.outputs.length) throw invalid("vout index out of bounds");
  if (ledger.isSpent(outpoint)) throw invalid("expected unspent output");
  const isLocked = ledger.isLockedCoin(outpoint);
  if (unlock && !isLocked) throw invalid("expected locked output");
  if (!unlock && isLocked && !persistent) throw invalid("output already locked");
  return outpoint;
}

function invalid(what: string): RpcError {
  return new RpcError(RPC_INVALID_PARAMETER, `Invalid parameter, ${what}`);
}
