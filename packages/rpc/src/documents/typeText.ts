/** TypeScript of what a schema describes. */

import type { Argument } from "../define/argument.ts";
import { type ResultShape, shapeOf } from "../define/shape.ts";

/** The type of an argument, as a caller writes it. */
export function argumentType({ schema }: Argument): string {
  return typeText(shapeOf(schema), 1, false);
}

/** @param depth how far the lines of an object are indented; @param comments whether fields have their descriptions */
export function typeText(shape: ResultShape, depth: number, comments: boolean): string {
  const inner = () => shape.inner.map((each) => typeText(each, depth, comments)).join(" | ");
  switch (shape.kind) {
    case "null":
      return "null";
    case "string":
    case "hex":
      return shape.values.length === 0
        ? "string"
        : shape.values.map((value) => JSON.stringify(value)).join(" | ");
    case "number":
    case "amount":
    case "time":
      return "number";
    case "boolean":
      return "boolean";
    case "anything":
      return "unknown";
    case "union":
      return inner();
    case "array":
      return `readonly ${shape.inner.length === 1 && isSimple(shape.inner[0]) ? inner() : `(${inner()})`}[]`;
    case "dictionary":
      return `Readonly<Record<string, ${inner()}>>`;
    case "object": {
      if (shape.inner.length === 0) return "Readonly<Record<string, never>>";
      const space = "  ".repeat(depth + 1);
      const fields = shape.inner.map((field) => {
        const type = typeText(field, depth + 1, comments);
        const comment =
          comments && field.description !== ""
            ? `${space}/** ${field.description.replaceAll("\n", " ")} */\n`
            : "";
        return `${comment}${space}readonly ${propertyName(field.name)}${field.isOptional ? "?" : ""}: ${type};\n`;
      });
      return `{\n${fields.join("")}${"  ".repeat(depth)}}`;
    }
    default:
      return shape.kind satisfies never;
  }
}

/** Whether it can stand before `[]` as it is. */
function isSimple(shape: ResultShape | undefined): boolean {
  return (
    shape !== undefined &&
    shape.kind !== "union" &&
    shape.kind !== "array" &&
    shape.values.length < 2
  );
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
