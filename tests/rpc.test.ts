import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rpcDocuments } from "../scripts/rpc.ts";

test.each([...rpcDocuments()])("%s is up to date: npx pnpm@12 rpc writes it", (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), "utf8")).toBe(text);
});
