/** The shape that a zod schema describes, in the few kinds that results of RPC have. */
import type { z } from "zod";
import { RPC_INTERNAL_ERROR, RpcError } from "../errors.ts";
import type { ResultKind } from "./result.ts";

export interface ResultShape {
  readonly kind:
    | "null"
    | "string"
    | "number"
    | "boolean"
    | "object"
    | "array"
    | "union"
    | "anything"
    | ResultKind;
  /** Of a field. */
  readonly name: string;
  readonly description: string;
  readonly isOptional: boolean;
  /** The texts that it may be, where there are few. */
  readonly values: readonly string[];
  /** Fields of an object, the element of an array or dictionary, or the choices of a union. */
  readonly inner: readonly ResultShape[];
}

/** The shape of a schema that is made by `result.ts`. @throws RpcError -32603 for another */
export function shapeOf(schema: z.ZodType, name = "", isOptional = false): ResultShape {
  const { def } = schema as unknown as { readonly def: Definition };
  if (def.type === "optional" && def.innerType !== undefined) {
    return shapeOf(def.innerType, name, true);
  }
  const { description = "", ...meta } = schema.meta() ?? {};
  const base = { name, description, isOptional, values: [], inner: [] };
  switch (def.type) {
    case "null":
    case "boolean":
      return { ...base, kind: def.type };
    case "string":
    case "number":
      return { ...base, kind: (meta["x-kind"] as ResultKind | undefined) ?? def.type };
    case "unknown":
      return { ...base, kind: "anything" };
    case "enum":
      return { ...base, kind: "string", values: Object.values(def.entries ?? {}) };
    case "array":
      return { ...base, kind: "array", inner: def.element ? [shapeOf(def.element)] : [] };
    case "record": {
      const key = String(meta["x-name"] ?? "key");
      return {
        ...base,
        kind: "dictionary",
        inner: def.valueType ? [shapeOf(def.valueType, key)] : [],
      };
    }
    case "union":
      return { ...base, kind: "union", inner: (def.options ?? []).map((each) => shapeOf(each)) };
    case "object":
      return {
        ...base,
        kind: "object",
        inner: Object.entries(def.shape ?? {}).map(([key, field]) => shapeOf(field, key)),
      };
    default:
      throw new RpcError(RPC_INTERNAL_ERROR, `a result has no schema of type ${def.type}`);
  }
}

/** The part of zod's definitions that is read here. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly entries?: Readonly<Record<string, string>>;
}

/** `blockchain` → `Blockchain` */
export function caseOf(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
