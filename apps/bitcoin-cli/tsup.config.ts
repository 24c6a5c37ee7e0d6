import { type Config, packageConfig } from "../../tsup.base.ts";

const config: Config = packageConfig(["src/index.ts", "src/main.ts"]);

export default config;
