import { defineConfig } from "tsup";

type Config = ReturnType<typeof defineConfig>;

/** How every package is built: ESM with types and source maps; dependencies stay imports. */
export function packageConfig(entry: string[]): Config {
  return defineConfig({
    entry,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
  });
}
