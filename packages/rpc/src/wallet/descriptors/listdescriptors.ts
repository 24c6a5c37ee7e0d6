import type { Method } from "../../define/method.ts";
import { flag, list, maybe, num, obj, text, time } from "../../define/result.ts";
import { boolean } from "../../define/types.ts";
import { RPC_WALLET_ERROR, RPC_WALLET_UNLOCK_NEEDED, RpcError } from "../../errors.ts";
import { requireUnlocked, walletMethod } from "../method.ts";

const WATCH_ONLY = "Can't get private descriptor string for watch-only wallets";

export const listdescriptors: Method = walletMethod({
  name: "listdescriptors",
  description: "List all descriptors present in a wallet.",
  arguments: [boolean("private", { text: "Show private descriptors.", fallback: false })],
  results: [
    {
      schema: obj({
        wallet_name: text("Name of wallet this operation was performed on"),
        descriptors: list(
          obj({
            desc: text("Descriptor string representation"),
            timestamp: time("The creation time of the descriptor"),
            active: flag("Whether this descriptor is currently used to generate new addresses"),
            internal: maybe(
              flag(
                "True if this descriptor is used to generate change addresses. False if this descriptor is used to generate receiving addresses; defined only for active descriptors",
              ),
            ),
            range: maybe(
              list(
                num("An index"),
                "Defined only for ranged descriptors: the first and the last index",
              ),
            ),
            next: maybe(num("Same as next_index field. Kept for compatibility reason.")),
            next_index: maybe(
              num("The next index to generate addresses from; defined only for ranged descriptors"),
            ),
          }),
          "Array of descriptor objects (sorted by descriptor string representation)",
        ),
      }),
    },
  ],
  errors: [
    { code: RPC_WALLET_ERROR, when: "private keys are asked for, and disabled" },
    { code: RPC_WALLET_UNLOCK_NEEDED, when: "private keys are asked for, and locked" },
  ],
  examples: [[], [true]],
  waits: false,
  run: ({ private: withKeys }, wallet) => {
    const { ledger } = wallet;
    if (withKeys && ledger.hasFlag("disablePrivateKeys")) {
      throw new RpcError(RPC_WALLET_ERROR, WATCH_ONLY);
    }
    if (withKeys) requireUnlocked(wallet);
    const descriptors = ledger.descriptors().map((each) => {
      const { id, descriptor, active, range, next } = each;
      return {
        desc: (withKeys ? ledger.privateText(id) : undefined) ?? each.text,
        timestamp: each.timestamp,
        active: active !== undefined,
        ...(active !== undefined && { internal: active.internal }),
        ...(descriptor.isRange && {
          range: [range.start, range.end - 1],
          next,
          next_index: next,
        }),
      };
    });
    descriptors.sort((a, b) => (a.desc < b.desc ? -1 : 1));
    return { wallet_name: wallet.name, descriptors };
  },
});
