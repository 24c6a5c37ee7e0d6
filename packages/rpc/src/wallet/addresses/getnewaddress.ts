import type { Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_WALLET_ERROR,
  RPC_WALLET_KEYPOOL_RAN_OUT,
} from "../../errors.ts";
import { requireLabel, walletMethod } from "../method.ts";
import { ADDRESS_TYPES, requireAddressType } from "./addressType.ts";
import { newAddress, requireAddresses } from "./newAddress.ts";

export const getnewaddress: Method = walletMethod({
  name: "getnewaddress",
  description:
    "Returns a new Bitcoin address for receiving payments.\nIf 'label' is specified, it is added to the address book \nso payments received with the address will be associated with 'label'.",
  arguments: [
    string("label", {
      text: 'The label name for the address to be linked to. It can also be set to the empty string "" to represent the default label. The label does not need to exist, it will be created if there is no label by the given name.',
      fallback: "",
    }),
    string("address_type", {
      text: `The address type to use. ${ADDRESS_TYPES}`,
      hint: "set by -addresstype",
    }),
  ],
  results: [{ schema: text("The new bitcoin address") }],
  errors: [
    { code: RPC_WALLET_ERROR, when: "the wallet has no keys" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "there is no such type" },
    { code: RPC_WALLET_KEYPOOL_RAN_OUT, when: "no address of this type is left" },
  ],
  examples: [[]],
  waits: false,
  run: (given, wallet) => {
    requireAddresses(wallet, false);
    const label = requireLabel(given.label);
    const type = given.address_type;
    const kind = type === undefined ? wallet.settings.addressType : requireAddressType(type);
    return newAddress(wallet, kind, { label });
  },
});
