/** Code of ours throws classes of ours, so that callers and programs can tell what it says from a mistake in it. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as core from "@chain/core";
import * as devchain from "@chain/devchain";
import * as engine from "@chain/engine";
import * as light from "@chain/light";
import * as signatures from "@chain/signatures";
import * as simnet from "@chain/simnet";
import * as storage from "@chain/storage";
import * as wallet from "@chain/wallet";
import * as wire from "@chain/wire";
import { describe, expect, test } from "vitest";
import { lostCauses } from "./errors/causes.ts";
import { LAYERS } from "./layering/layers.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = LAYERS.filter(({ isPrivate }) => isPrivate !== true).flatMap(({ dir }) =>
  readdirSync(`${ROOT}/${dir}/src`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${dir}/src/${path.replaceAll("\\", "/")}`),
);

/** Lines of the sources that match. */
function linesWith(pattern: RegExp): string[] {
  return SOURCES.flatMap((file) =>
    readFileSync(`${ROOT}/${file}`, "utf8")
      .split("\n")
      .filter((line) => pattern.test(line.replace(/^\s*(\*|\/\/).*/, "")))
      .map((line) => `${file}: ${line.trim()}`),
  );
}

describe("errors", () => {
  test("of ours have one base class", () => {
    expect(linesWith(/\bextends (Type|Range|Syntax)?Error\b/)).toEqual([
      "packages/core/src/errors.ts: export abstract class ChainError<Code extends string | number = string | number> extends Error {",
    ]);
  });

  test("are never bare", () => {
    expect(linesWith(/\bnew (Type|Range|Syntax)?Error\(/)).toEqual([]);
  });

  const classes = [
    core,
    devchain,
    engine,
    light,
    signatures,
    simnet,
    storage,
    wallet,
    wire,
  ].flatMap((exports) =>
    Object.entries(exports).filter(([name]) => /^(?!Chain|Argument)[A-Z]\w+Error$/.test(name)),
  ) as [string, new (code: string, message: string, options?: core.ChainErrorOptions) => Error][];

  test("of every package that throws are exported", () => {
    expect(classes.map(([name]) => name).sort()).toEqual([
      "CoreError",
      "DevChainError",
      "EngineError",
      "FaultError",
      "LightError",
      "SignaturesError",
      "SimulationError",
      "StorageError",
      "WalletError",
      "WireError",
    ]);
  });

  test.each(classes)("%s has a name, a code, data and a cause", (name, Class) => {
    const cause = new TypeError("before");
    const error = new Class("closed", "it is closed", { cause, data: { height: 7 } });
    expect(error).toBeInstanceOf(core.ChainError);
    expect(core.isChainError(error)).toBe(true);
    expect(error).toMatchObject({ name, code: "closed", message: "it is closed", cause });
    expect(error).toHaveProperty("data", { height: 7 });
    expect(String(error)).toBe(`${name}: it is closed`);
    expect(new Class("closed", "it is closed")).not.toHaveProperty("cause");
  });

  test("of a second copy of the package are known", async () => {
    // Another module for the same file.
    const path = "../packages/core/src/errors.ts?copy";
    const other = (await import(path)) as typeof core;
    const error = new other.CoreError("truncated", "too short");
    expect(error).not.toBeInstanceOf(core.ChainError);
    expect(core.isChainError(error)).toBe(true);
    for (const stranger of [new Error("x"), { code: "truncated" }, undefined, null, "x"]) {
      expect(core.isChainError(stranger)).toBe(false);
    }
  });
});

/** Errors that leave out what led to them, with the reason of each. */
const WITHOUT_CAUSE: Readonly<Record<string, string>> = {
  'packages/wallet/src/keyfile.ts throw corrupt("not JSON");':
    "the parser's message quotes the file, which has private keys in it",
};

describe("an error that is made of another", () => {
  test("carries it as its cause", () => {
    const found = SOURCES.flatMap((file) =>
      lostCauses(readFileSync(`${ROOT}/${file}`, "utf8")).map(
        (each) => `${file} ${each.replace(/^\d+: /, "")}`,
      ),
    );
    expect(found).toEqual(Object.keys(WITHOUT_CAUSE));
  });

  test.each([
    ["try { f(); } catch (error) { throw new MyError(error.message); }"],
    ["try { f(); } catch { throw new MyError('x'); }"],
    ["try { f(); } catch (error) { throw new ConnectionFailed(error.message); }"],
    ["try { f(); } catch (error) { if (a) throw new MyError('x', { cause: other }); }"],
    ["try { f(); } catch (error) { return new MyError(String(error)); }"],
    ["try { f(); } catch (error) { throw damaged(error.message); }"],
    ["f().catch((error) => { throw new MyError('x'); });"],
    ["socket.on('error', (error) => reject(new MyError('x')));"],
    ["socket.once('error', () => reject(new MyError('x')));"],
    ["const fail = (e) => reject(new MyError(e.message)); socket.once('error', fail);"],
    ["function fail(e) { reject(new MyError(e.message)); } socket.once('error', fail);"],
  ])("is found where it does not: %s", (text) => {
    expect(lostCauses(text)).toHaveLength(1);
  });

  test.each([
    ["try { f(); } catch (error) { throw new MyError(error.message, { cause: error }); }"],
    ["try { f(); } catch (cause) { throw new MyError('x', { cause }); }"],
    ["try { f(); } catch (error) { throw error; }"],
    ["try { f(); } catch (error) { throw damaged('x', error); }"],
    ["socket.on('error', (error) => reject(new MyError('x', { cause: error })));"],
    ["throw new MyError('x');"],
    ["socket.on('data', () => reject(new MyError('x')));"],
    ["try { f(); } catch (error) { log(error); } throw new MyError('x');"],
  ])("is not found in: %s", (text) => {
    expect(lostCauses(text)).toEqual([]);
  });
});
