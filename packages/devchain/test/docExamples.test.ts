import { testDocExamples } from "@chain/testing/docExamples";
import * as devchain from "../src/index.ts";

testDocExamples("devchain", devchain, async () => {
  const chain = await devchain.createDevChain({ accounts: 3 });
  return { chain, end: () => chain.close() };
});
