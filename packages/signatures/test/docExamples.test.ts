import * as core from "@chain/core";
import { testDocExamples } from "@chain/testing/docExamples";
import * as wallet from "@chain/wallet";
import * as signatures from "../src/index.ts";

const privateKey = new Uint8Array(32).fill(7);
const key = new wallet.PrivateKey(privateKey);
const hash = new Uint8Array(32).fill(1);
testDocExamples("signatures", signatures, () => ({ ...core, ...wallet, privateKey, key, hash }));
