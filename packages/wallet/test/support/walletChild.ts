/** A process that adds keys to a wallet: path and number. Prints each address once its key is said to be safe. */
import { DEVNET } from "@chain/core";
import { walletFile } from "../../src/file.ts";
import { Wallet } from "../../src/wallet.ts";

const [, , path = "", count = "0"] = process.argv;
const wallet = await Wallet.open(walletFile(path), { params: DEVNET, now: () => 1 });
for (let n = 0; n < Number(count); n++) {
  const { address } = await wallet.newKey();
  process.stdout.write(`${address}\n`);
}
