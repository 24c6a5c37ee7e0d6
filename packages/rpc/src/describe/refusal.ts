import type { Refusal } from "@chain/core";

/** The reject reason, with what is known beside it. Core: ValidationState::ToString. */
export function refusalText({ reason, debug }: Refusal): string {
  return debug === undefined || debug === "" ? reason : `${reason}, ${debug}`;
}
