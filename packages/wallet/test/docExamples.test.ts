import { testDocExamples } from "@chain/testing/docExamples";
import * as accounts from "../src/accounts.ts";
import * as descriptors from "../src/descriptors.ts";
import * as file from "../src/file.ts";
import * as wallet from "../src/index.ts";
import * as ledger from "../src/ledger.ts";
import * as message from "../src/message.ts";
import * as psbt from "../src/psbt.ts";
import * as spending from "../src/spending.ts";
import { exampleScope } from "./exampleScope.ts";

const exported = {
  ...accounts,
  ...descriptors,
  ...file,
  ...ledger,
  ...message,
  ...psbt,
  ...spending,
  ...wallet,
};
testDocExamples("wallet", exported, exampleScope);
