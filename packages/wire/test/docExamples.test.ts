import { testDocExamples } from "@chain/testing/docExamples";
import * as wire from "../src/index.ts";
import { exampleScope } from "./exampleScope.ts";

testDocExamples("wire", wire, exampleScope);
