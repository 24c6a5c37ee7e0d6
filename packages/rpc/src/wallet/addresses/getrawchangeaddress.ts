import type { Method } from "../../define/method.ts";
import { text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_WALLET_ERROR,
  RPC_WALLET_KEYPOOL_RAN_OUT,
} from "../../errors.ts";
import { walletMethod } from "../method.ts";
import { ADDRESS_TYPES, requireAddressType } from "./addressType.ts";
import { newAddress, requireAddresses } from "./newAddress.ts";

export const getrawchangeaddress: Method = walletMethod({
  name: "getrawchangeaddress",
  description:
    "Returns a new Bitcoin address, for receiving change.\nThis is for use with raw transactions, NOT normal use.",
  arguments: [
    string("address_type", {
      text: `The address type to use. ${ADDRESS_TYPES}`,
      hint: "set by -changetype",
    }),
  ],
  results: [{ schema: text("The address") }],
  errors: [
    { code: RPC_WALLET_ERROR, when: "the wallet has no keys" },
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "there is no such type" },
    { code: RPC_WALLET_KEYPOOL_RAN_OUT, when: "no address of this type is left" },
  ],
  examples: [[]],
  waits: false,
  run: (given, wallet) => {
    requireAddresses(wallet, true);
    const { addressType, changeType = addressType } = wallet.settings;
    const type = given.address_type;
    const kind = type === undefined ? changeType : requireAddressType(type);
    return newAddress(wallet, kind, { internal: true });
  },
});
