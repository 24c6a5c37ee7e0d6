import { ChainError } from "@chain/core";

export type SimulationErrorCode =
  | "invariant" // what must hold in every network did not
  | "never" // what was waited for did not come to pass
  | "unknown-preset" // a scenario of no such name
  | "bad-option" // a number that no simulation can be made with
  | "unsolvable" // no nonce solves a header: the target is not an easy one
  | "unreachable" // no host answers a call
  | "not-running"; // asked of a node that was killed

/** Thrown for misuse, and where a simulated network does what none may do. */
export class SimulationError extends ChainError<SimulationErrorCode> {
  override readonly name = "SimulationError";
}
