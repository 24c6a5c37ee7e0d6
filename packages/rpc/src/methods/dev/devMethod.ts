/** Methods of a chain for developers. Others answer that they have no such method. */
import { hexToBytes, isChainError } from "@chain/core";
import type { Argument } from "../../define/argument.ts";
import type { ErrorCase } from "../../define/method.ts";
import { amount, real, string } from "../../define/types.ts";
import type { DevFee, DevHost } from "../../devHost.ts";
import {
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_METHOD_NOT_FOUND,
  RPC_MISC_ERROR,
  RPC_VERIFY_REJECTED,
  RPC_WALLET_INSUFFICIENT_FUNDS,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import { requireScript } from "../addresses.ts";

/** The error code of what the chain refuses, by the code of its error. */
const CODES: Readonly<Record<string, number>> = {
  usage: RPC_INVALID_PARAMETER,
  "invalid-argument": RPC_INVALID_PARAMETER,
  "insufficient-funds": RPC_WALLET_INSUFFICIENT_FUNDS,
  refused: RPC_VERIFY_REJECTED,
  "unknown-transaction": RPC_INVALID_ADDRESS_OR_KEY,
};

/** The errors of these methods. */
export const DEV_ERRORS: readonly ErrorCase[] = [
  { code: RPC_METHOD_NOT_FOUND, when: "the node is no chain for developers" },
  { code: RPC_INVALID_PARAMETER, when: "an argument makes no sense" },
  { code: RPC_WALLET_INSUFFICIENT_FUNDS, when: "the account or the faucet has too little" },
  { code: RPC_VERIFY_REJECTED, when: "a transaction or block breaks a rule" },
  { code: RPC_INVALID_ADDRESS_OR_KEY, when: "an address or a transaction is unknown" },
];

/** The way a method runs on a chain for developers, whose errors get codes. */
export function withDev<Params, Result>(
  run: (params: Params, dev: DevHost, host: RpcHost) => Result | Promise<Result>,
): (params: Params, host: RpcHost) => Promise<Result> {
  return async (params, host) => {
    const { dev } = host;
    if (dev === undefined) throw new RpcError(RPC_METHOD_NOT_FOUND, "Method not found");
    try {
      return await run(params, dev, host);
    } catch (error) {
      if (error instanceof RpcError || !isChainError(error)) throw error;
      const code = CODES[error.code] ?? RPC_MISC_ERROR;
      throw new RpcError(code, error.message, { cause: error });
    }
  };
}

const HEX = /^([0-9a-fA-F]{2})+$/;

/** The output script of an address, or of a script in hex. @throws RpcError -5 */
export function readReceiver(text: string, host: RpcHost): Uint8Array {
  return HEX.test(text) ? hexToBytes(text) : requireScript(text, host);
}

export const receiver: Argument<"address", string> = string("address", {
  text: "An address, or an output script in hex",
});

export const AMOUNT: Argument<"amount", bigint> = amount("amount", { text: "The amount" });

export const feeRate: Argument<"fee_rate", number | undefined> = real("fee_rate", {
  text: "Satoshis for a virtual byte",
  hint: "what chain_setfeerate says, or twice the least that the mempool takes",
});

export function feeOf(rate: number | undefined): DevFee {
  return rate === undefined ? {} : { feeRate: rate };
}
