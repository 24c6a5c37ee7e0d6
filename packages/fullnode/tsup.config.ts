import { type Config, packageConfig } from "../../tsup.base.ts";

const config: Config = packageConfig(["src/index.ts", "src/scripts/worker.ts"]);

export default config;
