import { type Config, packageConfig } from "../../tsup.base.ts";

const config: Config = packageConfig(["src/index.ts"]);

export default config;
