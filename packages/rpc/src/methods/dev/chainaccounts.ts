import { defineMethod, type Method } from "../../define/method.ts";
import { coins, dict, list, num, obj, text } from "../../define/result.ts";
import { coinsNumber } from "../../json/number.ts";
import { DEV_ERRORS, withDev } from "./devMethod.ts";

export const chain_accounts: Method = defineMethod({
  name: "chain_accounts",
  category: "hidden",
  description: "Lists the accounts that have funds, with their private keys.",
  arguments: [],
  results: [
    {
      schema: list(
        obj({
          index: num("Its number: the third step of its paths"),
          address: text("The address that has its funds"),
          wif: text("The private key of that"),
          addresses: dict(text("An address"), "Its addresses by type", "type"),
          descriptors: dict(
            obj({
              receive: text("The descriptor of addresses for payers, with its private key"),
              change: text("The same for change"),
            }),
            "Its descriptors by type of address",
            "type",
          ),
          balance: coins("Confirmed coins at that address"),
        }),
        "The accounts",
      ),
    },
  ],
  errors: DEV_ERRORS,
  examples: [[]],
  run: withDev(async (_, dev) => {
    const accounts = await dev.accounts();
    return accounts.map(({ balance, ...account }) => ({
      ...account,
      balance: coinsNumber(balance),
    }));
  }),
});
