import { testDocExamples } from "@chain/testing/docExamples";
import { startDoorNode } from "@chain/testing/doorNode";
import * as electrum from "../src/index.ts";

testDocExamples("electrum", electrum, async () => {
  const { host } = await startDoorNode(1);
  const openConnection = () => {
    let tell: (line: string) => void = () => {};
    const line = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const connection = {
      remote: { host: "127.0.0.1", port: 1 },
      write: (bytes: Uint8Array) => {
        tell(new TextDecoder().decode(bytes));
        return true;
      },
      setReading: () => {},
      close: () => {},
    };
    return { connection, lines: { next: () => line } };
  };
  return { host, openConnection, TextEncoder };
});
