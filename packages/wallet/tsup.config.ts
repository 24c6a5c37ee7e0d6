import { type Config, packageConfig } from "../../tsup.base.ts";

const config: Config = packageConfig([
  "src/index.ts",
  "src/accounts.ts",
  "src/descriptors.ts",
  "src/file.ts",
  "src/ledger.ts",
  "src/message.ts",
  "src/psbt.ts",
  "src/spending.ts",
]);

export default config;
