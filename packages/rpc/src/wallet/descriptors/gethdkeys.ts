import type { Method } from "../../define/method.ts";
import { flag, list, maybe, obj, text } from "../../define/result.ts";
import { boolean, options } from "../../define/types.ts";
import { RPC_WALLET_UNLOCK_NEEDED } from "../../errors.ts";
import { requireUnlocked, walletMethod } from "../method.ts";
import { hdKeysOf, privateKeyOf } from "./hdKeys.ts";

export const gethdkeys: Method = walletMethod({
  name: "gethdkeys",
  description: "List all BIP 32 HD keys in the wallet and which descriptors use them.",
  arguments: [
    options(
      "options",
      [
        boolean("active_only", {
          text: "Show the keys for only active descriptors",
          fallback: false,
        }),
        boolean("private", { text: "Show private keys", fallback: false }),
      ],
      { text: "Which keys", optional: true },
    ),
  ],
  results: [
    {
      schema: list(
        obj({
          xpub: text("The extended public key"),
          has_private: flag("Whether the wallet has the private key for this xpub"),
          xprv: maybe(text('The extended private key if "private" is true')),
          descriptors: list(
            obj({
              desc: text("Descriptor string representation"),
              active: flag("Whether this descriptor is currently used to generate new addresses"),
            }),
            "Array of descriptor objects that use this HD key",
          ),
        }),
        "The keys",
      ),
    },
  ],
  errors: [{ code: RPC_WALLET_UNLOCK_NEEDED, when: "private keys are asked for, and locked" }],
  examples: [[], { active_only: true, private: true }],
  waits: false,
  run: ({ options: given = {} }, wallet, { host }) => {
    const { ledger } = wallet;
    const withKeys = given["private"] === true;
    if (withKeys) requireUnlocked(wallet);
    const { params } = host.chain;
    return hdKeysOf(ledger, given["active_only"] === true).map((key) => {
      const xprv = withKeys ? privateKeyOf(key, ledger, params)?.toPrivateString() : undefined;
      const descriptors = key.descriptors.map(({ text: desc, active }) => ({
        desc,
        active: active !== undefined,
      }));
      return {
        xpub: key.xpub,
        has_private: key.descriptors.some(({ hasPrivateKeys }) => hasPrivateKeys),
        ...(xprv !== undefined && { xprv }),
        descriptors: descriptors.sort((a, b) => (a.desc < b.desc ? -1 : 1)),
      };
    });
  },
});
