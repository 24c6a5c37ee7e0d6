import type { Method } from "../../define/method.ts";
import { echoMethod } from "./echoMethod.ts";

export const echo: Method = echoMethod("echo");
