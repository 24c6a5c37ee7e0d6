import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  defineConfig,
  type TestProjectInlineConfiguration,
  type ViteUserConfigFnObject,
} from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { stayOnLoopback } from "./packages/testing/src/loopback.ts";

// Test files and the programs that they start inherit this.
stayOnLoopback();

const SOURCE = "@chain/source";
const CONDITIONS = [SOURCE, "module", "node", "development|production"];
const SLOW = "**/*.slow.test.ts";
const SETUP = ["loopback", "properties"].map((name) =>
  fileURLToPath(new URL(`packages/testing/src/${name}/setup.ts`, import.meta.url)),
);
const NEVER = ["**/node_modules/**", "**/dist/**"];

/** Suites that take minutes by design: first, so that nobody waits for them alone at the end. */
const LONGEST = ["node/test/chaos", "engine/test/fuzz", "wire/test/fuzz"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((part) => moduleId.includes(part));
      return index < 0 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** `vitest --mode slow` runs the slow suites, any other mode the rest. @param folders with tests, in this project's root */
function project(
  name: string,
  root: string,
  folders: readonly string[],
  mode: string,
): TestProjectInlineConfiguration {
  const slow = mode === "slow";
  return {
    // Packages of this workspace resolve to their sources, so nothing has to be built.
    resolve: { conditions: CONDITIONS },
    ssr: { resolve: { conditions: CONDITIONS, externalConditions: [SOURCE] } },
    test: {
      name,
      root,
      include: folders.map((folder) => (slow ? `${folder}/${SLOW}` : `${folder}/**/*.test.ts`)),
      setupFiles: SETUP,
      // A worker loads modules once for all its test files, and not once for each: a third of the processor's time. Slow
      // suites measure memory, and those of chain-node put modules of their own in the place of others.
      isolate: slow || name === ISOLATED,
      exclude: slow ? NEVER : [...NEVER, SLOW],
      testTimeout: slow ? 300_000 : 30_000,
      // An event is waited for as long as the test has: one second, the default, is a matter of the machine's load.
      expect: { poll: { timeout: slow ? 120_000 : 20_000 } },
    },
  };
}

const ISOLATED = "node";
const members = ["packages", "apps"]
  .flatMap((parent) =>
    readdirSync(new URL(parent, import.meta.url)).map((name) => ({
      name,
      root: `${parent}/${name}`,
    })),
  )
  .filter(({ root }) => existsSync(new URL(`${root}/package.json`, import.meta.url)));

function projects(mode: string): TestProjectInlineConfiguration[] {
  // A project for each package is there for who names one. All of them at once are one project, because each has
  // workers of its own, which would transform and load core and engine again: a sixth of the processor's time.
  if (mode === "slow" || process.argv.some((argument) => argument.startsWith("--project"))) {
    return [
      project("root", ".", ["tests"], mode),
      ...members.map(({ name, root }) => project(name, `./${root}`, ["test"], mode)),
    ];
  }
  const [isolated, shared] = [true, false].map((wanted) =>
    members.filter(({ name }) => (name === ISOLATED) === wanted).map(({ root }) => `${root}/test`),
  );
  return [
    project("all", ".", ["tests", ...(shared ?? [])], mode),
    project(ISOLATED, ".", isolated ?? [], mode),
  ];
}

const config: ViteUserConfigFnObject = defineConfig(({ mode }) => ({
  test: {
    projects: projects(mode),
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
  },
}));

export default config;
