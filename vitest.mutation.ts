/** What Stryker runs against every mutant: the fast suite of core. See docs/mutation.md. */
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  // The mutated copy, not what node_modules links to.
  resolve: {
    alias: {
      "@chain/core": fileURLToPath(new URL("packages/core/src/index.ts", import.meta.url)),
    },
  },
  test: {
    root: "packages/core",
    include: ["test/**/*.test.ts"],
    exclude: ["**/*.slow.test.ts", "**/node_modules/**"],
    // One module graph for all files of a run: most of the time of a mutant would go into loading it again.
    isolate: false,
    testTimeout: 30_000,
  },
});

export default config;
