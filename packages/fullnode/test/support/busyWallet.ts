/**
 * A node with a wallet on disk that is paid and gives addresses until it is killed: `busyWallet.ts DIRECTORY`. It prints
 * each answer as a line of JSON once its caller would have it.
 */
import { fileURLToPath } from "node:url";
import type { RpcHost } from "@chain/rpc";
import { METHODS, RpcServer } from "@chain/rpc";
import { createNode, type InProcessNode } from "../../src/index.ts";

export type Calls = (method: string, ...params: unknown[]) => Promise<unknown>;

/** A line of the program. */
export type Line =
  | { readonly address: string; readonly label: string }
  | { readonly mined: string; readonly to: string };

export async function openBusy(directory: string): Promise<{ node: InProcessNode; call: Calls }> {
  let host: RpcHost | undefined;
  const node = await createNode({
    directory,
    rpc: true,
    wallets: { keypool: 5 },
    rpcHost: (made) => {
      host = made;
      return made;
    },
  });
  if (host === undefined) throw new TypeError("the node has no RPC");
  const server = new RpcServer({ host, methods: METHODS });
  return { node, call: (method, ...params) => server.call(method, params as never) };
}

async function goOn(directory: string): Promise<never> {
  const { node, call } = await openBusy(directory);
  const names = (await call("listwallets")) as string[];
  if (names.length === 0) await call("createwallet", "w", false, false, "", false, true, true);
  const say = (line: Line) =>
    new Promise<void>((resolve) =>
      process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()),
    );
  for (let n = 0; ; n++) {
    const label = `label ${n}`;
    const address = String(await call("getnewaddress", label));
    await say({ address, label });
    if (n % 3 !== 0) continue;
    const [block] = await node.mine(1, { to: address });
    await say({ mined: block?.transactions[0]?.txid ?? "", to: address });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await goOn(process.argv[2] ?? "");
