import { join } from "node:path";
import * as core from "@chain/core";
import { testDocExamples } from "@chain/testing/docExamples";
import { temporaryDirectory } from "@chain/testing/place";
import * as storage from "../src/index.ts";
import * as level from "../src/level.ts";

testDocExamples("storage", { ...storage, ...level }, async () => ({
  ...core,
  path: join(await temporaryDirectory(), "blockchain_3000.db"),
}));
