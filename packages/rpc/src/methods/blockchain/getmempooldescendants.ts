import type { Method } from "../../define/method.ts";
import { relativesMethod } from "../mempoolRelatives.ts";

export const getmempooldescendants: Method = relativesMethod("getmempooldescendants", "children");
