import { TestNetwork } from "@chain/testing/network";
import { Stranger } from "@chain/testing/stranger";
import { expect, it } from "vitest";

it("nobody who has read our nonce on the line can make us give up a peer", async () => {
  const network = new TestNetwork();
  const address = { host: "10.0.0.9", port: 9 };
  const called: Stranger[] = [];
  let version: Uint8Array | undefined;
  network.listen(address, (connection) => {
    const stranger = new Stranger(network, "inbound");
    called.push(stranger);
    network.time.after(0, () => stranger.open(connection));
    const onData = (bytes: Uint8Array) => {
      version ??= bytes;
      stranger.handler.onData(bytes);
    };
    return { ...stranger.handler, onData };
  });
  const node = await network.add("node", { connect: [address] });
  await network.time.until("the handshake", () => called[0]?.ready === true);
  await network.time.pass(100);
  // Behind the frame's header, version, services, time and two addresses.
  const nonce = new DataView(version!.buffer, version!.byteOffset).getBigUint64(24 + 72, true);
  await Stranger.connect(network, node, { nonce });
  expect(called[0]?.ended).toBeUndefined();
  called[0]?.write(new Uint8Array(24)); // no message of this network
  await network.time.until("it is called again", () => called.length === 2);
});
