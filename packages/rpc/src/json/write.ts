import { doubleText, WrittenNumber } from "./number.ts";

/**
 * `JSON.stringify`, with numbers as Core writes them: amounts with eight decimals, other fractions with 16 significant
 * digits.
 * @param indent spaces a level; 0: all on one line
 * @example
 * toJson({ height: 7, difficulty: 4.656542373906925e-10 }) // '{"height":7,"difficulty":4.656542373906925e-10}'
 */
export function toJson(value: unknown, indent = 0, depth = 1): string {
  if (value instanceof WrittenNumber) return value.text;
  if (typeof value === "number") return doubleText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return stringText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const [open, end, between, colon] =
    indent === 0
      ? ["", "", ",", ":"]
      : [
          `\n${" ".repeat(indent * depth)}`,
          `\n${" ".repeat(indent * (depth - 1))}`,
          `,\n${" ".repeat(indent * depth)}`,
          ": ",
        ];
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[${open}${value.map((each) => toJson(each, indent, depth + 1)).join(between)}${end}]`;
  }
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    fields.push(`${stringText(name)}${colon}${toJson(field, indent, depth + 1)}`);
  }
  return fields.length === 0 ? "{}" : `{${open}${fields.join(between)}${end}}`;
}

/** Core writes DEL as an escape too (univalue_escapes.h). */
function stringText(text: string): string {
  const json = JSON.stringify(text);
  return json.includes("\u007f") ? json.replaceAll("\u007f", "\\u007f") : json;
}
