/** Makes the page: one file of JavaScript, with the HTML and CSS beside it. */
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCES = fileURLToPath(new URL("src", import.meta.url));
const OUT = fileURLToPath(new URL("dist", import.meta.url));

/** Builds the page into a folder. @returns the bytes of its JavaScript, minified */
export async function buildPage(folder: string): Promise<Uint8Array> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(SOURCES, "main.ts")],
    outfile: join(folder, "main.js"),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    conditions: ["@chain/source"],
  });
  for (const file of ["index.html", "style.css"]) {
    await copyFile(join(SOURCES, file), join(folder, file));
  }
  return readFile(join(folder, "main.js"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { length } = await buildPage(OUT);
  console.log(`${OUT}: ${length} bytes of JavaScript`);
}
