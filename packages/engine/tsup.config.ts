import { type Config, packageConfig } from "../../tsup.base.ts";

const config: Config = packageConfig(["src/index.ts", "src/peers.ts"]);

export default config;
