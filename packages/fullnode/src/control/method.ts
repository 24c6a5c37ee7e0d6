import { z } from "zod";
import type { ControlContext } from "./context.ts";

/** Tells a method that its caller has gone. */
export interface CallSignal {
  readonly aborted: boolean;
}

/** One entry of the table. */
export interface Method<Result = unknown> {
  /** Parameters by name; their order is the order in which they can be given without names. */
  readonly names: readonly string[];
  /** @throws RpcError, ZodError for bad parameters. */
  call(
    params: Readonly<Record<string, unknown>>,
    context: ControlContext,
    signal: CallSignal,
  ): Promise<Result>;
}

/** An entry of the table: the parameters are checked before it runs. */
export function method<Shape extends z.ZodRawShape, Result>(
  shape: Shape,
  run: (
    params: z.infer<z.ZodObject<Shape, z.core.$strict>>,
    context: ControlContext,
    signal: CallSignal,
  ) => Result | Promise<Result>,
): Method<Result> {
  const schema = z.strictObject(shape);
  return {
    names: Object.keys(shape),
    call: async (params, context, signal) => run(schema.parse(params), context, signal),
  };
}
