import { concatBytes, hexToBytes, pushData, pushNumber } from "@chain/core";

const OPCODES: Readonly<Record<string, number>> = {
  DUP: 0x76,
  EQUAL: 0x87,
  EQUALVERIFY: 0x88,
  HASH160: 0xa9,
  CODESEPARATOR: 0xab,
  CHECKSIG: 0xac,
  CHECKSIGVERIFY: 0xad,
  CHECKMULTISIG: 0xae,
  NOP: 0x61,
  RETURN: 0x6a,
};

/** A script as Core's vectors write it; `undefined` where it has a word that is not known here. */
export function parseAsm(text: string): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== "")) {
    const opcode = OPCODES[word.replace(/^OP_/, "")];
    if (/^-?\d+$/.test(word)) parts.push(pushNumber(Number(word)));
    else if (word.startsWith("0x")) parts.push(hexToBytes(word.slice(2)));
    else if (/^'.*'$/.test(word)) {
      parts.push(pushData(Uint8Array.from(word.slice(1, -1), (c) => c.charCodeAt(0))));
    } else if (opcode !== undefined) parts.push(Uint8Array.of(opcode));
    else return undefined;
  }
  return concatBytes(...parts);
}
