import { defineMethod, type Method } from "../../define/method.ts";
import { list, text } from "../../define/result.ts";
import { walletsOf } from "../method.ts";

export const listwallets: Method = defineMethod({
  name: "listwallets",
  category: "wallet",
  description:
    'Returns a list of currently loaded wallets.\nFor full information on the wallet, use "getwalletinfo"',
  arguments: [],
  results: [{ schema: list(text("the wallet name"), "The wallets") }],
  examples: [[]],
  run: (_, host) =>
    walletsOf(host)
      .loaded()
      .map(({ name }) => name),
});
