import { testDocExamples } from "@chain/testing/docExamples";
import * as engine from "../src/index.ts";
import { exampleScope } from "./exampleScope.ts";

testDocExamples("engine", engine, exampleScope);
