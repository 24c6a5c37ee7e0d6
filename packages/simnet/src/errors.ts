import { ChainError } from "@chain/core";

export type SimulationErrorCode =
  | "invariant" // an invariant of every network did not hold
  | "never" // an event that was waited for did not happen
  | "unknown-preset" // a scenario of no such name
  | "bad-option" // a number that no simulation can be made with
  | "unsolvable" // no nonce solves a header: the target is not an easy one
  | "unreachable" // no host answers a call
  | "not-running"; // asked of a node that was killed

/** Thrown for misuse, and where a simulated network does what none may do. */
export class SimulationError extends ChainError<SimulationErrorCode> {
  override readonly name = "SimulationError";
}
