import type { Method } from "../../define/method.ts";
import { echoMethod } from "./echoMethod.ts";

export const echojson: Method = echoMethod("echojson");
