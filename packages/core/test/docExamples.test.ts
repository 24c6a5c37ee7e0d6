import { testDocExamples } from "@chain/testing/docExamples";
import * as core from "../src/index.ts";
import { exampleScope } from "./exampleScope.ts";

testDocExamples("core", core, exampleScope);
