/**
 * Rows under each other, columns as wide as they need to be, the last one ragged.
 * @param rightAligned columns of numbers, counted from 0
 * @example formatTable([["address", "coins"], ["C…", "10"]], [1]).includes("C…          10")
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  rightAligned: readonly number[] = [],
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return rightAligned.includes(i) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}

/**
 * JSON as programs like it: one document, two spaces, a newline at the end. Amounts that are bigints become strings of
 * digits, and fractions have no exponent.
 * @example formatJson({ value: 5n }) // '{\n  "value": "5"\n}\n'
 */
export function formatJson(value: unknown): string {
  const exact = (_key: string, item: unknown) => (typeof item === "bigint" ? String(item) : item);
  const text = JSON.stringify(value, exact, 2);
  // A line holds one value, and a number is not in quotes.
  return `${text.replace(/^(\s*(?:"(?:[^"\\]|\\.)*": )?)(-?\d[\d.]*e-\d+)(,?)$/gm, unfold)}\n`;
}

function unfold(_line: string, before: string, number: string, after: string): string {
  const decimals = Number(number).toFixed(20).replace(/0+$/, "");
  return `${before}${decimals}${after}`;
}

/**
 * `5 s`, `12 min`, `3 h`, `4 d`: whole units, the largest that fits twice.
 * @example formatDuration(7200) // "2 h"
 */
export function formatDuration(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
  ] as const;
  const whole = Math.max(0, Math.floor(seconds));
  const [name, size] = units.find(([, unit]) => whole >= 2 * unit) ?? ["s", 1];
  return `${Math.floor(whole / size)} ${name}`;
}
