/** No method without what others are told of it. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Argument } from "../src/define/argument.ts";
import { byPosition, readParameters } from "../src/define/parameters.ts";
import { shapeOf } from "../src/define/shape.ts";
import { EXAMPLE_ADDRESS } from "../src/methods/examples.ts";
import { METHODS } from "../src/methods/table.ts";

const FOLDER = new URL(".", import.meta.url);
const SOURCES = new URL("../src/", FOLDER);
const TESTS = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".test.ts") && !["complete.test.ts"].includes(name))
  .map((name) => readFileSync(new URL(name, FOLDER), "utf8"))
  .join("\n");

/** An argument, and those within it. */
const allOf = (argument: Argument): readonly Argument[] => [
  argument,
  ...argument.inner.flatMap(allOf),
];

describe.each(METHODS.map((method) => [method.name, method] as const))("%s", (name, method) => {
  test("is described, and so are its arguments", () => {
    expect(method.description).toMatch(/\S/);
    if (name.startsWith("echo")) return;
    const named = method.arguments.filter(({ isHidden }) => !isHidden).flatMap(allOf);
    expect(named.filter(({ text }) => !/\S/.test(text)).map((each) => each.name)).toEqual([]);
  });

  test("has a schema of what it answers", () => {
    // It says where it has gone to, whatever it is called with.
    if (name === "generate") return;
    expect(method.results.length).toBeGreaterThan(0);
    for (const { schema } of method.results) expect(() => shapeOf(schema)).not.toThrow();
    if (method.results.length > 1) {
      expect(method.results.every(({ when }) => when !== undefined)).toBe(true);
    }
  });

  test("has an example with parameters that it takes", () => {
    if (name === "generate") return;
    expect(method.examples.length).toBeGreaterThan(0);
    for (const example of method.examples) {
      const text = JSON.stringify(example);
      expect(text).not.toContain("undefined");
      if (text.includes(EXAMPLE_ADDRESS)) continue;
      const params = byPosition(method, JSON.parse(text));
      expect(() => readParameters(method, params)).not.toThrow();
    }
  });

  test("has a test that names it", () => {
    expect(TESTS.includes(`"${name}"`)).toBe(true);
  });
});

test("every file of a method is in the table", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((path) =>
    /export const \w+: Method(<HeaderHost>)? = /.test(
      path.endsWith(".ts") ? readFileSync(new URL(path, SOURCES), "utf8") : "",
    ),
  );
  expect(files.length).toBe(METHODS.length);
  expect(new Set(METHODS.map(({ name }) => name)).size).toBe(METHODS.length);
});
