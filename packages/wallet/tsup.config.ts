import { type Config, packageConfig } from "../../tsup.base.ts";

const config: Config = packageConfig(["src/index.ts", "src/descriptors.ts", "src/file.ts"]);

export default config;
