import { hexToBytes } from "@chain/core";
import { testDocExamples } from "@chain/testing/docExamples";
import { startDoorNode } from "@chain/testing/doorNode";
import * as esplora from "../src/index.ts";

testDocExamples("esplora", { ...esplora, hexToBytes }, async () => {
  const { host } = await startDoorNode(1);
  return { host };
});
