import { ChainError, type ChainErrorOptions } from "@chain/core";

/** The program ends with this line on standard error. */
export class CliError extends ChainError<"cli"> {
  override readonly name = "CliError";

  constructor(message: string) {
    super("cli", message);
  }
}

/** The node can't be reached, or not yet: `-rpcwait` tries again. */
export class ConnectionFailed extends ChainError<"no-connection"> {
  override readonly name = "ConnectionFailed";

  constructor(message: string, options?: ChainErrorOptions) {
    super("no-connection", message, options);
  }
}
