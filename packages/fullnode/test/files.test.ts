import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import { writeSecret } from "../src/files.ts";

describe("a secret", () => {
  it("that several write at the same time is that of one of them, whole, and nobody fails", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, ".cookie");
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(64));
    for (let round = 0; round < 5; round++) {
      await Promise.all(texts.map((text) => writeSecret(path, text, { what: "the cookie" })));
      expect(texts).toContain(await readFile(path, "utf8"));
    }
    expect(await readdir(directory)).toEqual([".cookie"]);
  });

  it("is not written where its draft can't be", async () => {
    const path = join(await temporaryDirectory(), ".cookie");
    await mkdir(`${path}.tmp`);
    await expect(writeSecret(path, "x", { what: "the cookie" })).rejects.toMatchObject({
      code: "io",
    });
  });
});
