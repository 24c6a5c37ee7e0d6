import type { RunningIndex } from "@chain/indexes";

/** Why an index will never come as far as the chain, for the error of a call; `undefined` where it is at work. */
export function indexFailure({
  name,
  error,
}: Pick<RunningIndex, "name" | "error">): string | undefined {
  return error && `The ${name} has failed: ${error.message}`;
}
