/** docs/architecture.md tells of files and packages that are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(`${ROOT}/docs/architecture.md`, "utf8");

test("every file and folder on the page exists", () => {
  const named = [...page.matchAll(/`((?:packages|apps|tests|docs)\/[\w./-]+)`/g)].map(
    ([, path]) => path,
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  // A name without its folder is no help to a reader who does not know the tree.
  expect([...page.matchAll(/`(\w+\.ts)`/g)].map(([, name]) => name)).toEqual([]);
  const linked = [...page.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path);
  expect(linked.filter((path) => !existsSync(`${ROOT}/docs/${path}`))).toEqual([]);
});

test("every folder of the engine is on the page, and no other", () => {
  const source = `${ROOT}/packages/engine/src`;
  const folders = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  const there = folders(source)
    .flatMap((name) =>
      name === "net" ? folders(`${source}/net`).map((wing) => `net/${wing}`) : [name],
    )
    .map((name) => `${name}/`);
  const told = [...page.matchAll(/^\| `([\w/]+\/)` \|/gm)].map(([, name]) => name);
  expect(told.sort()).toEqual(there.sort());
});

test("each class of the engine's net, chain and mempool has a test file of its own name", () => {
  const engine = `${ROOT}/packages/engine`;
  const files = ["net", "chain", "mempool"].flatMap((wing) =>
    readdirSync(`${engine}/src/${wing}`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${wing}/${file}`),
  );
  const classes = files.filter((file) =>
    /^export (?:abstract )?class /m.test(readFileSync(`${engine}/src/${file}`, "utf8")),
  );
  expect(classes.length).toBeGreaterThan(50);
  const testOf = (file: string) => `${engine}/test/${file.replace(/\.ts$/, ".test.ts")}`;
  expect(classes.filter((file) => !existsSync(testOf(file)))).toEqual([]);
});

/** The imports between the sources of the published packages. */
function imports(): string[] {
  const names = new Map<string, string>();
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(`${ROOT}/${parent}`).map((name) => `${parent}/${name}`),
  );
  const manifests = folders.map((folder) => ({
    folder,
    ...(JSON.parse(readFileSync(`${ROOT}/${folder}/package.json`, "utf8")) as {
      name: string;
      private?: boolean;
    }),
  }));
  for (const { folder, name } of manifests) names.set(name, basename(folder));
  const arrows = manifests
    .filter((manifest) => manifest.private !== true)
    .flatMap(({ folder }) => {
      const files = readdirSync(`${ROOT}/${folder}/src`, { recursive: true, encoding: "utf8" });
      const text = files
        .filter((file) => file.endsWith(".ts"))
        .map((file) => readFileSync(`${ROOT}/${folder}/src/${file}`, "utf8"))
        .join("\n");
      return [...text.matchAll(/^(?:import|export)[^"]*? from "([^".][^"]*)";/gm)].flatMap(
        ([, specifier = ""]) => {
          const name = specifier
            .split("/")
            .slice(0, specifier.startsWith("@") ? 2 : 1)
            .join("/");
          const target = names.get(name);
          return target === undefined ? [] : [`${basename(folder)} --> ${target}`];
        },
      );
    });
  return [...new Set(arrows)].sort();
}

test("the picture shows the imports between packages, all of them and no other", () => {
  const drawn = [...page.matchAll(/^ {2}([\w-]+)(?:\[[^\]]*\])? --> ([\w-]+)/gm)].map(
    ([, from, to]) => `${from} --> ${to}`,
  );
  expect(drawn.sort()).toEqual(imports());
});
