import { defineMethod, type Method } from "../../define/method.ts";
import { list, obj, text } from "../../define/result.ts";
import { walletsOf } from "../method.ts";

export const listwalletdir: Method = defineMethod({
  name: "listwalletdir",
  category: "wallet",
  description: "Returns a list of wallets in the wallet directory.",
  arguments: [],
  results: [
    {
      schema: obj({
        wallets: list(
          obj({
            name: text("The wallet name"),
            warnings: list(text("A warning"), "Warning messages related to loading the wallet."),
          }),
          "The wallets",
        ),
      }),
    },
  ],
  examples: [[]],
  run: async (_, host) => ({
    wallets: (await walletsOf(host).list()).map((name) => ({ name, warnings: [] })),
  }),
});
