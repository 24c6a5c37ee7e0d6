/** Looks for what spends an output, signing where it can. Core: ProduceSignature (script/sign.cpp). */

import {
  bytesToHex,
  concatBytes,
  equalBytes,
  hash160,
  type OutputTemplate,
  outputTemplate,
  p2pkhScript,
  pushData,
  pushNumber,
  ripemd160,
  STANDARD_SCRIPT_FLAGS,
  verifyScript,
  Writer,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import { decodeMiniscript } from "../descriptor/miniscript/decode.ts";
import type { MiniscriptContext } from "../descriptor/miniscript/model.ts";
import { satisfyMiniscript } from "../descriptor/miniscript/satisfy.ts";
import type { SigningProvider } from "../signingProvider.ts";
import type { ScriptVersion, SignatureCreator } from "./creator.ts";
import { type Solution, tapSignatureName } from "./solution.ts";
import type { TapLeafScript } from "./view.ts";

const TAPSCRIPT = 0xc0;
const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** The means to solve a script. */
interface Solver {
  readonly provider: SigningProvider;
  readonly creator: SignatureCreator;
  readonly solution: Solution;
}

/** The solution of one script. */
interface Step {
  readonly solved: boolean;
  readonly type: OutputTemplate["type"];
  /** The items for the stack; for a hash the script, or for a witness program of a key the hash, that it stands for. */
  readonly items: readonly Uint8Array[];
}

/**
 * Fills a solution, and says whether it is complete and was verified.
 * @param solution the parts that are known already; it takes all that is found
 */
export function solve(
  scriptPubKey: Uint8Array,
  provider: SigningProvider,
  creator: SignatureCreator,
  solution: Solution,
): boolean {
  if (solution.complete) return true;
  const solver = { provider, creator, solution };
  let step = solveStep(scriptPubKey, "base", solver);
  let redeemScript: Uint8Array | undefined;
  if (step.solved && step.type === "scripthash") {
    redeemScript = present(step.items[0], "step.items[0]");
    solution.redeemScript = redeemScript;
    step = solveStep(redeemScript, "base", solver);
    if (step.type === "scripthash") step = { ...step, solved: false };
  }
  step = solveWitness(step, redeemScript !== undefined, solver);
  if (!solution.witness) solution.stack = [];
  const items = redeemScript === undefined ? step.items : [...step.items, redeemScript];
  solution.scriptSig = concatBytes(...items.map(pushItem));
  const { scriptSig, stack } = solution;
  solution.complete =
    step.solved &&
    verifyScript(scriptSig, scriptPubKey, stack, STANDARD_SCRIPT_FLAGS, creator.checker).ok;
  return solution.complete;
}

/** The part behind a witness program. */
function solveWitness(step: Step, wrapped: boolean, solver: Solver): Step {
  const { solution } = solver;
  const hidden = step.items[0] ?? NOTHING;
  if (step.solved && step.type === "witness_v0_keyhash") {
    const inner = solveStep(p2pkhScript(hidden), "witness_v0", solver);
    solution.stack = inner.items;
    solution.witness = true;
    return { ...step, solved: inner.solved, items: [] };
  }
  if (step.solved && step.type === "witness_v0_scripthash") {
    solution.witnessScript = hidden;
    const inner = solveStep(hidden, "witness_v0", solver);
    const nested = ["scripthash", "witness_v0_scripthash", "witness_v0_keyhash"];
    let solved = inner.solved && !nested.includes(inner.type);
    let { items } = inner;
    if (!solved && items.length === 0) {
      const satisfaction = solveMiniscript(hidden, solver);
      solved = satisfaction !== undefined;
      items = satisfaction ?? [];
    }
    solution.stack = [...items, hidden];
    solution.witness = true;
    return { ...step, solved, items: [] };
  }
  if (step.type === "witness_v1_taproot" && !wrapped) {
    solution.witness = true;
    if (step.solved) solution.stack = step.items;
    return { ...step, items: [] };
  }
  return step;
}

/** Core: SignStep. */
function solveStep(script: Uint8Array, version: ScriptVersion, solver: Solver): Step {
  const { solution } = solver;
  const template = outputTemplate(script);
  const { type } = template;
  const unsolved: Step = { solved: false, type, items: [] };
  switch (template.type) {
    case "pubkey": {
      const signature = sign(template.publicKey, script, version, solver);
      return signature === undefined ? unsolved : { solved: true, type, items: [signature] };
    }
    case "pubkeyhash": {
      const publicKey = findPublicKey(template.hash, solver);
      if (publicKey === undefined) {
        solution.missingKeys.push(template.hash);
        return unsolved;
      }
      const signature = sign(publicKey, script, version, solver);
      if (signature === undefined) return unsolved;
      return { solved: true, type, items: [signature, publicKey] };
    }
    case "multisig":
      return solveMultisig(template, script, version, solver);
    case "scripthash": {
      const redeemScript = findScript(template.hash, solver);
      if (redeemScript === undefined) solution.missingRedeemScript = template.hash;
      return redeemScript === undefined ? unsolved : { solved: true, type, items: [redeemScript] };
    }
    case "witness_v0_keyhash":
      return { solved: true, type, items: [template.hash] };
    case "witness_v0_scripthash": {
      const witnessScript = findScript(ripemd160(template.hash), solver);
      if (witnessScript === undefined) solution.missingWitnessScript = template.hash;
      return witnessScript === undefined
        ? unsolved
        : { solved: true, type, items: [witnessScript] };
    }
    case "witness_v1_taproot": {
      const items = solveTaproot(template.outputKey, solver);
      return items === undefined ? unsolved : { solved: true, type, items };
    }
    case "anchor":
      return { solved: true, type, items: [] };
    case "nonstandard":
    case "nulldata":
    case "witness_unknown":
      return unsolved;
    default:
      return template satisfies never;
  }
}

function solveMultisig(
  template: OutputTemplate & { readonly type: "multisig" },
  script: Uint8Array,
  version: ScriptVersion,
  solver: Solver,
): Step {
  const { required, publicKeys, type } = template;
  // With every key that is there, more than are needed: other signers may not have theirs.
  const made = publicKeys.map((key) => sign(key, script, version, solver));
  const signatures = made.filter((each) => each !== undefined).slice(0, required);
  const missing = required - signatures.length;
  // Core's loop ends half way, because its counter and its list grow at once. Others see the same bytes.
  const lacking = Array.from({ length: Math.ceil(missing / 2) }, () => NOTHING);
  // OP_CHECKMULTISIG takes one item more than it uses.
  return { solved: missing === 0, type, items: [NOTHING, ...signatures, ...lacking] };
}

/** Core: GetCScript. */
function findScript(
  hash20: Uint8Array,
  { provider, solution: { redeemScript, witnessScript } }: Solver,
): Uint8Array | undefined {
  return (
    provider.script(hash20) ??
    [redeemScript, witnessScript].find(
      (script) => script !== undefined && equalBytes(hash160(script), hash20),
    )
  );
}

/** Core: GetPubKey. */
function findPublicKey(hash20: Uint8Array, { provider, solution }: Solver): Uint8Array | undefined {
  const name = bytesToHex(hash20);
  return (
    solution.signatures.get(name)?.publicKey ??
    solution.publicKeys.get(name)?.publicKey ??
    [...solution.tapKeys.values()].find(({ publicKey }) => equalBytes(hash160(publicKey), hash20))
      ?.publicKey ??
    provider.publicKey(hash20)
  );
}

/** A signature that is known, or a new one. Core: CreateSig. */
function sign(
  publicKey: Uint8Array,
  scriptCode: Uint8Array,
  version: ScriptVersion,
  { provider, creator, solution }: Solver,
): Uint8Array | undefined {
  const hash = hash160(publicKey);
  const known = solution.signatures.get(bytesToHex(hash));
  if (known !== undefined) return known.signature;
  const origin = provider.origin(publicKey);
  if (origin !== undefined) solution.addPublicKey(publicKey, origin);
  const signature = creator.ecdsa(provider.privateKey(publicKey), scriptCode, version);
  if (signature === undefined) solution.missingSignatures.push(hash);
  else solution.addSignature(publicKey, signature);
  return signature;
}

/** By the key if that is there, else by the script that takes least. Core: SignTaproot. */
function solveTaproot(outputKey: Uint8Array, solver: Solver): readonly Uint8Array[] | undefined {
  const { provider, creator, solution } = solver;
  learnTree(outputKey, solver);
  const { tapInternalKey, tapMerkleRoot = NOTHING } = solution;
  for (const key of [tapInternalKey, outputKey]) {
    const origin = key && provider.originByX(key);
    if (key !== undefined && origin !== undefined) solution.addTaprootKey(key, origin);
  }
  if (tapInternalKey !== undefined) {
    const key = provider.privateKeyByX(tapInternalKey);
    solution.tapKeySignature ??= creator.schnorr(key, undefined, tapMerkleRoot);
  }
  solution.tapKeySignature ??= creator.schnorr(
    provider.privateKeyByX(outputKey),
    undefined,
    undefined,
  );
  if (solution.tapKeySignature !== undefined) return [solution.tapKeySignature];
  let smallest: readonly Uint8Array[] | undefined;
  for (const leaf of shortestBlocks(solution.tapLeaves)) {
    const items = solveLeaf(leaf, solver);
    if (items === undefined) continue;
    const stack = [...items, leaf.script, leaf.controlBlock];
    if (smallest === undefined || stackSize(stack) < stackSize(smallest)) smallest = stack;
  }
  return smallest;
}

/** Adds to what is known of an output what the provider knows. */
function learnTree(outputKey: Uint8Array, { provider, solution }: Solver): void {
  const output = provider.taproot(outputKey);
  if (output === undefined) return;
  solution.tapInternalKey ??= output.internalKey;
  if (output.merkleRoot.length > 0) solution.tapMerkleRoot ??= output.merkleRoot;
  for (const { script, leafVersion, controlBlock, leafHash } of output.leaves) {
    const known = solution.tapLeaves.some((leaf) => equalBytes(leaf.controlBlock, controlBlock));
    if (!known) solution.tapLeaves.push({ script, leafVersion, controlBlock, leafHash });
  }
}

/** Each script once, with its shortest control block. */
function shortestBlocks(leaves: readonly TapLeafScript[]): readonly TapLeafScript[] {
  const byLeaf = new Map<string, TapLeafScript>();
  for (const leaf of leaves) {
    const name = bytesToHex(leaf.leafHash);
    const known = byLeaf.get(name);
    if (known === undefined || leaf.controlBlock.length < known.controlBlock.length) {
      byLeaf.set(name, leaf);
    }
  }
  return [...byLeaf.values()];
}

/** The witness items that satisfy a leaf. Core: SignTaprootScript. */
function solveLeaf(leaf: TapLeafScript, solver: Solver): readonly Uint8Array[] | undefined {
  const { script, leafVersion, leafHash } = leaf;
  if (leafVersion !== TAPSCRIPT) return undefined;
  return satisfyScript(script, "tapscript", solver, {
    isKey: (bytes) => bytes.length === 32,
    keyBytes: (publicKey) => (publicKey.length === 32 ? publicKey : publicKey.subarray(1, 33)),
    sign: (x32) => signLeaf(x32, leafHash, solver),
  });
}

/** The witness items that satisfy a witness script which is no template. Core: WshSatisfier. */
function solveMiniscript(script: Uint8Array, solver: Solver): readonly Uint8Array[] | undefined {
  return satisfyScript(script, "wsh", solver, {
    isKey: (bytes) => bytes.length === 33 && (bytes[0] === 2 || bytes[0] === 3),
    keyBytes: (publicKey) => publicKey,
    sign: (publicKey) => sign(publicKey, script, "witness_v0", solver),
  });
}

/** How keys stand in a script, and how it is signed. */
interface ScriptSigning {
  readonly isKey: (bytes: Uint8Array) => boolean;
  readonly keyBytes: (publicKey: Uint8Array) => Uint8Array;
  readonly sign: (key: Uint8Array) => Uint8Array | undefined;
}

function satisfyScript(
  script: Uint8Array,
  context: MiniscriptContext,
  solver: Solver,
  { isKey, keyBytes, sign: signWith }: ScriptSigning,
): readonly Uint8Array[] | undefined {
  const { solution, creator } = solver;
  const keys: Uint8Array[] = [];
  const expression = decodeMiniscript(script, {
    context,
    readKey: (bytes) => (isKey(bytes) ? keys.push(bytes.slice()) - 1 : undefined),
    readHash: (hash20) => {
      const publicKey = findPublicKey(hash20, solver);
      if (publicKey !== undefined) return keys.push(keyBytes(publicKey)) - 1;
      solution.missingKeys.push(hash20);
      return undefined;
    },
  });
  if (expression === undefined) return undefined;
  return satisfyMiniscript(expression, {
    keyBytes: (place) => present(keys[place], "keys[place]"),
    sign: (place) => signWith(present(keys[place], "keys[place]")),
    checkOlder: (lock) => creator.checker.checkSequence(lock),
    checkAfter: (lock) => creator.checker.checkLockTime(lock),
    preimage: (hash, data) => solution.preimages.get(`${hash}:${bytesToHex(data)}`),
  });
}

/** Core: CreateTaprootScriptSig. */
function signLeaf(
  x32: Uint8Array,
  leafHash: Uint8Array,
  { provider, creator, solution }: Solver,
): Uint8Array | undefined {
  const origin = provider.originByX(x32);
  if (origin !== undefined) solution.addTaprootKey(x32, origin, leafHash);
  const name = tapSignatureName(x32, leafHash);
  const signature =
    solution.tapSignatures.get(name) ??
    creator.schnorr(provider.privateKeyByX(x32), leafHash, undefined);
  if (signature !== undefined) solution.tapSignatures.set(name, signature);
  return signature;
}

function stackSize(items: readonly Uint8Array[]): number {
  const writer = new Writer();
  for (const item of items) writer.varBytes(item);
  return writer.length;
}

/** A push of an item in the shortest way. Core: PushAll. */
function pushItem(item: Uint8Array): Uint8Array {
  const [byte] = item;
  if (item.length === 0) return pushNumber(0);
  if (item.length === 1 && byte !== undefined) {
    if (byte >= 1 && byte <= 16) return pushNumber(byte);
    if (byte === 0x81) return pushNumber(-1);
  }
  return pushData(item);
}
