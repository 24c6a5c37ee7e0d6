import { doubleText, WrittenNumber } from "./number.ts";

/**
 * `JSON.stringify`, with numbers as Core writes them: amounts with eight decimals, other fractions with 16 significant
 * digits.
 * @param indent spaces a level; 0: all on one line
 * @example
 * toJson({ height: 7, difficulty: 4.656542373906925e-10 }) // '{"height":7,"difficulty":4.656542373906925e-10}'
 */
export function toJson(value: unknown, indent = 0, depth = 1): string {
  switch (typeof value) {
    case "string":
      return stringText(value);
    case "number":
      return doubleText(value);
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (value instanceof WrittenNumber) return value.text;
      return indent === 0 ? compact(value) : indented(value, indent, depth);
    default:
      return JSON.stringify(value) ?? "null";
  }
}

/** Large answers are written by this: it makes no lists on the way. */
function compact(value: object): string {
  let text = "";
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) text += `${i === 0 ? "" : ","}${toJson(value[i])}`;
    return `[${text}]`;
  }
  for (const name of Object.keys(value)) {
    const field = (value as Readonly<Record<string, unknown>>)[name];
    if (field === undefined) continue;
    text += `${text === "" ? "" : ","}${stringText(name)}:${toJson(field)}`;
  }
  return `{${text}}`;
}

function indented(value: object, indent: number, depth: number): string {
  const inside = `\n${" ".repeat(indent * depth)}`;
  const end = `\n${" ".repeat(indent * (depth - 1))}`;
  const textOf = (each: unknown) => toJson(each, indent, depth + 1);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[${inside}${value.map(textOf).join(`,${inside}`)}${end}]`;
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length === 0) return "{}";
  const texts = fields.map(([name, field]) => `${stringText(name)}: ${textOf(field)}`);
  return `{${inside}${texts.join(`,${inside}`)}${end}}`;
}

/** Core writes DEL as an escape too (univalue_escapes.h). */
function stringText(text: string): string {
  const json = JSON.stringify(text);
  return json.includes("\u007f") ? json.replaceAll("\u007f", "\\u007f") : json;
}
