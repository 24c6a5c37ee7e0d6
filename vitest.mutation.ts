/** The suite that Stryker runs against every mutant: the fast one of core. See docs/mutation.md. */
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const LAST = ["realBlock", "scriptAssets"];

/** Most mutants are killed by many tests: those that take longest come last. */
class CheapestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      LAST.findIndex((name) => moduleId.includes(name));
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)));
  }
}

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
    sequence: { sequencer: CheapestFirst },
    testTimeout: 30_000,
  },
});

export default config;
