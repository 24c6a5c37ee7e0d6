import { posix } from "node:path";
import ts from "typescript";

/** The package or program that a file belongs to; the root has the rest. */
function ownerOf(path: string): string {
  return /^(?:packages|apps)\/[^/]+/.exec(path)?.[0] ?? "";
}

/** The one file of the root that packages import: how they are built. */
const BUILD = "tsup.base.ts";

/**
 * Imports by path that leave the package of the file: each is a hidden dependency, of which no manifest speaks.
 * The root may import sources, to run them without a build, and no package's tests.
 * @param files text by path from the root, with `/`
 */
export function strayImports(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, text]) =>
    ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => posix.join(posix.dirname(file), specifier))
      .filter((target) => {
        const [from, to] = [ownerOf(file), ownerOf(target)];
        if (from === to) return false;
        if (to === "") return target !== BUILD;
        return from !== "" || !target.startsWith(`${to}/src/`);
      })
      .map((target) => `${file}: imports ${target} by path`),
  );
}

/** Texts in an app that name a file of another app by its path, `new URL("../../other/src/main.ts", …)` for one. */
export function otherApps(files: ReadonlyMap<string, string>): string[] {
  return [...files]
    .filter(([file]) => file.startsWith("apps/"))
    .flatMap(([file, text]) =>
      [...text.matchAll(/["'`](\.\.?\/[^"'`]*)["'`]/g)]
        .map(([, path = ""]) => posix.join(posix.dirname(file), path))
        .filter((target) => /^apps\/[^/]+\/./.test(target) && ownerOf(target) !== ownerOf(file))
        .map((target) => `${file}: names ${target} by path`),
    );
}
