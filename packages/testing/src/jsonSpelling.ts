/** The spelling that all JSON of the programs keeps: one for names, one for amounts. */
import { expect } from "vitest";

/** Lower case, as Bitcoin Core's, with `_` between words where they are ours. */
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** Coins as exact texts, without zeros that say nothing. */
const AMOUNT = /^(0|[1-9]\d*)(\.\d{0,7}[1-9])?$/;
const AMOUNTS: ReadonlySet<string> = new Set([
  "amount",
  "balance",
  "change",
  "fee",
  "immature",
  "minfeefilter",
  "total_amount",
  "unconfirmed",
]);

/** Fails where a name or an amount anywhere in a JSON document is spelled otherwise. @returns the document */
export function expectSpelling(text: string): unknown {
  const document: unknown = JSON.parse(text);
  look(document, "$");
  return document;
}

function look(value: unknown, at: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const place = `${at}.${name}`;
    if (!Array.isArray(value)) expect(name, place).toMatch(NAME);
    if (AMOUNTS.has(name) && inner !== null) expect(inner, place).toMatch(AMOUNT);
    look(inner, place);
  }
}
