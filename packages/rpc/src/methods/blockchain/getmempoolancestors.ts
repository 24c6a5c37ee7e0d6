import type { Method } from "../../define/method.ts";
import { relativesMethod } from "../mempoolRelatives.ts";

export const getmempoolancestors: Method = relativesMethod("getmempoolancestors", "parents");
