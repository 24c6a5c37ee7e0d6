import { paymentsAtOnce } from "./support/atOnce.ts";

paymentsAtOnce(12);
