/** Every program of the cookbook runs, from source; the one that wants a node gets one of ours. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNode } from "@chain/fullnode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./packages/run.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TSX = import.meta.resolve("tsx");
const page = readFileSync(join(ROOT, "docs/cookbook.md"), "utf8");
/** Programs by the heading above them. */
const recipes = page
  .split("\n## ")
  .slice(1)
  .map((part) => [part.split("\n")[0], /^```ts\n(.*?)^```$/ms.exec(part)?.[1]] as const);

/** Inside of the workspace, so that its packages are found. */
let folder: string;
let node: Awaited<ReturnType<typeof createNode>>;

beforeAll(async () => {
  folder = mkdtempSync(join(ROOT, "node_modules", ".cookbook-"));
  node = await createNode({ port: 0 });
  await node.mine(5);
});

afterAll(async () => {
  await node.close();
  rmSync(folder, { recursive: true });
});

test.each(recipes)("%s", async (title, code) => {
  if (code === undefined) expect.fail(`no program under ${title}`);
  const file = join(folder, `${title?.replaceAll(/\W/g, "")}.mts`);
  writeFileSync(file, code);
  const args = ["--conditions=@chain/source", "--import", TSX, file];
  const outcome = await run(process.execPath, args, folder, {
    ...process.env,
    PORT: String(node.port),
  });
  expect(outcome).toMatchObject({ code: 0 });
  if (title?.startsWith("Headers")) expect(outcome.stdout).toContain("5 headers, up to ");
});
