/** Runs the benchmarks one after another, each in a process of its own: `pnpm bench [part of a path [arguments]]`. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stayOnLoopback } from "@chain/testing/loopback";

stayOnLoopback();
const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv[2] ?? "";

const files = ["packages", "apps"]
  .flatMap((parent) => readdirSync(`${root}/${parent}`).map((name) => `${parent}/${name}/bench`))
  .filter((dir) => existsSync(`${root}/${dir}`))
  .flatMap((dir) => readdirSync(`${root}/${dir}`).map((name) => `${dir}/${name}`))
  .filter((path) => path.endsWith(".bench.ts") && path.includes(wanted));

if (files.length === 0) {
  console.error(`no benchmark matches "${wanted}"`);
  process.exitCode = 1;
}
for (const file of files) {
  console.log(`\n${file}`);
  const flags = ["--conditions=@chain/source", "--import", "tsx"];
  const { status } = spawnSync(process.execPath, [...flags, file, ...process.argv.slice(3)], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
