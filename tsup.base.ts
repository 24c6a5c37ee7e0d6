import { fileURLToPath } from "node:url";
import { defineConfig } from "tsup";

export type Config = ReturnType<typeof defineConfig>;

/** How every package is built: ESM with types and source maps; dependencies stay imports. */
export function packageConfig(entry: string[]): Config {
  return defineConfig({
    entry,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    dts: {
      // A program is started, not imported.
      entry: entry.filter((file) => file !== "src/main.ts"),
      compilerOptions: {
        // tsup sets `baseUrl`, which TypeScript 6 only takes with this.
        ignoreDeprecations: "6.0",
        // Types of a sister package come from its sources, which lie outside this one.
        rootDir: fileURLToPath(new URL(".", import.meta.url)),
      },
    },
    tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
    sourcemap: true,
    clean: true,
    treeshake: true,
  });
}
