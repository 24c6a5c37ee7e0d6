/** The view of a package on the registry, which has its README and not the rest of the repository. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { LAYERS } from "./layering/layers.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PUBLISHED = LAYERS.filter(({ isPrivate }) => isPrivate !== true);

const read = (path: string) => readFileSync(ROOT + path, "utf8");
const manifestOf = (dir: string) => JSON.parse(read(`${dir}/package.json`));
const { repository } = JSON.parse(read("package.json"));

describe.each(PUBLISHED)("$name", ({ name, dir }) => {
  test("is found by keywords, names the repository, and is built before it is packed", () => {
    const manifest = manifestOf(dir);
    expect(manifest.keywords.length).toBeGreaterThan(1);
    expect(manifest.repository).toEqual({ ...repository, directory: dir });
    expect(manifest.scripts.prepack).toBe(manifest.scripts.build);
    expect(manifest.scripts.build).toBeTypeOf("string");
  });

  test("has a README that says how to install it, with links that work on the registry", () => {
    const readme = read(`${dir}/README.md`);
    const install = dir.startsWith("apps/") ? "npm install --global" : "npm install";
    expect(readme).toContain(`${install} ${name}`);
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);
    expect(links.filter((target) => !/^(https:|#)/.test(target))).toEqual([]);
  });
});

test("no two packages are packed into files of the same name", () => {
  const names = PUBLISHED.map(({ name }) => name.replace("@", "").replace("/", "-"));
  expect(new Set(names).size).toBe(names.length);
});
