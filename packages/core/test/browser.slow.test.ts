/** `@chain/core` in a real browser: bundled for the web, run in headless Chromium. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const chromium = ["chromium", "chromium-browser", "google-chrome"].find(isThere);
/** Bytes; what a page pays for a full verifier. Raise it knowingly. */
const MOST_GZIPPED = 60_000;

function isThere(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("core in a browser", () => {
  const directory = mkdtempSync(join(tmpdir(), "chain-browser-"));
  const bundle = join(directory, "browserPage.global.js");
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  beforeAll(async () => {
    await build({
      entry: [fileURLToPath(new URL("support/browserPage.ts", import.meta.url))],
      outDir: directory,
      format: "iife",
      platform: "browser",
      minify: true,
      noExternal: [/.*/],
      config: false,
      silent: true,
      esbuildOptions: (options) => {
        options.conditions = ["@chain/source"];
      },
    });
  });

  test("is small enough", () => {
    const code = readFileSync(bundle);
    const gzipped = gzipSync(code).length;
    process.stdout.write(`core for a browser: ${code.length} bytes, ${gzipped} gzipped\n`);
    expect(gzipped).toBeLessThan(MOST_GZIPPED);
  });

  test.skipIf(chromium === undefined)(
    `checks signatures there${chromium === undefined ? " (skipped: there is no Chromium)" : ""}`,
    async () => {
      const page = join(directory, "page.html");
      writeFileSync(
        page,
        '<!doctype html><meta charset="utf-8"><script src="browserPage.global.js"></script>',
      );
      const { stdout } = await promisify(execFile)(chromium ?? "", [
        "--headless=new",
        "--no-sandbox", // it refuses to run as root otherwise; the page is ours
        "--disable-gpu",
        // Chromium would fetch updates and lists of its own: nobody listens where it has to ask for them.
        "--disable-background-networking",
        "--disable-component-update",
        "--proxy-server=127.0.0.1:1",
        `--user-data-dir=${join(directory, "profile")}`,
        "--dump-dom",
        pathToFileURL(page).href,
      ]);
      const title = /<title>(.*)<\/title>/.exec(stdout)?.[1] ?? "";
      expect(JSON.parse(title)).toEqual({
        txid: "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
        verdicts: [
          "valid",
          "mandatory-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)",
        ],
        genesis: true,
        bytes: 275,
      });
    },
    60_000,
  );
});
