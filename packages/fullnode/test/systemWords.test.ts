import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@chain/testing/place";
import { describe, expect, test } from "vitest";
import { mineGenesis } from "../src/chain/genesis.ts";
import { createDatabase } from "../src/chain/open.ts";
import { writeSecret } from "../src/files.ts";
import { parseIdentity } from "../src/identity.ts";
import { MempoolJournal, readMempoolJournal } from "../src/node/mempoolJournal.ts";
import { cannotRead, cannotWrite } from "../src/systemWords.ts";

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: some call, mkdtemp '/a/b'`), { code });
}

describe("a refusal of the system becomes a sentence that says what to do", () => {
  test.each([
    ["ENOENT", "there is no /a: make that directory first"],
    ["ENOTDIR", "/a is not a directory"],
    ["EACCES", "this user may not write in /a: change its permissions, or choose another place"],
    ["EPERM", "this user may not write in /a: change its permissions, or choose another place"],
    ["EROFS", "/a is read-only: choose another place"],
    ["ENOSPC", "the disk is full: make room first"],
    ["EISDIR", "/a/b is a directory"],
    ["EMFILE", "too many files are open: raise the limit (ulimit -n)"],
  ])("%s", (code, why) => {
    const error = cannotWrite("the file", "/a/b", refusal(code));
    expect(error).toMatchObject({ code: "io", message: `can't write the file /a/b: ${why}` });
  });

  test.each([
    ["ENOENT", "there is no such file"],
    ["EACCES", "this user may not read it: change its permissions"],
    ["EISDIR", "it is a directory"],
  ])("%s, where it is read", (code, why) => {
    const error = cannotRead("the file", "/a/b", refusal(code));
    expect(error.message).toBe(`can't read the file /a/b: ${why}`);
  });

  test("another error keeps its message", () => {
    expect(cannotWrite("it", "/a/b", new Error("no luck")).message).toBe(
      "can't write it /a/b: no luck",
    );
  });
});

describe("where files are written", () => {
  test("a cookie file, a journal and a database name no call of the system", async () => {
    const directory = await temporaryDirectory();
    const missing = join(directory, "none");
    const sentence = `there is no ${missing}: make that directory first`;
    const cookie = writeSecret(join(missing, "c"), "x", { what: "the cookie file" });
    await expect(cookie).rejects.toThrow(sentence);
    await expect(MempoolJournal.open(join(missing, "j"), 0)).rejects.toThrow(sentence);
    const journal = join(directory, "journal");
    await mkdir(journal);
    await expect(readMempoolJournal(journal)).rejects.toThrow(/journal: it is a directory$/);
  });

  test("a data directory that takes no files", async () => {
    const directory = await temporaryDirectory();
    const identity = parseIdentity({ port: "3000", datadir: directory }, {});
    const genesis = await mineGenesis(new Uint8Array(1));
    await createDatabase(identity, genesis);
    await rm(identity.paths.database, { recursive: true });
    // The name is too long for the draft of a database, so that the system refuses it: even to root.
    const paths = { ...identity.paths, database: join(directory, "x".repeat(250)) };
    await expect(createDatabase({ ...identity, paths }, genesis)).rejects.toThrow(
      /^can't write the database [^ ]*x: the name is too long$/,
    );
  });
});
