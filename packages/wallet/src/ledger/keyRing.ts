/** The descriptors of a wallet, and to which of them a script belongs. */
import { bytesToHex, Reader, type Seconds } from "@chain/core";
import type { AccountKind } from "../accounts/account.ts";
import { addressOfScript } from "../address.ts";
import { type Descriptor, parseDescriptor } from "../descriptor/descriptor.ts";
import type { DescriptorParams } from "../descriptor/params.ts";
import { WalletError } from "../errors.ts";
import { SigningProvider } from "../signingProvider.ts";
import { HeldDescriptor } from "./heldDescriptor.ts";
import { damaged, type Journal } from "./records.ts";
import type { AddDescriptorOptions, NewAddress } from "./types.ts";
import type { Vault } from "./vault.ts";

/** Indices of non-hardened keys end here (BIP-0032). */
const MAX_INDEX = 0x7fff_ffff;

export interface KeyRingHost {
  readonly params: DescriptorParams;
  readonly journal: Journal;
  readonly vault: Vault;
  readonly keypoolSize: () => number;
}

/** A descriptor and an index that a script belongs to. */
export interface HeldScript {
  readonly held: HeldDescriptor;
  readonly index: number;
}

/** Core: m_spk_managers, m_cached_spks, and the part of DescriptorScriptPubKeyMan that concerns ranges. */
export class KeyRing {
  readonly #host: KeyRingHost;
  readonly #held = new Map<string, HeldDescriptor>();
  /** By script in hex; the same script may belong to several descriptors. */
  readonly #scripts = new Map<string, HeldScript[]>();
  /** Descriptors with private keys, while they are unlocked. */
  readonly #private = new Map<string, Descriptor>();

  constructor(host: KeyRingHost) {
    this.#host = host;
  }

  get all(): readonly HeldDescriptor[] {
    return [...this.#held.values()];
  }

  get(id: string): HeldDescriptor | undefined {
    return this.#held.get(id);
  }

  owners(script: Uint8Array): readonly HeldScript[] {
    return this.#scripts.get(bytesToHex(script)) ?? [];
  }

  activeOf(kind: AccountKind, internal: boolean): HeldDescriptor | undefined {
    return this.all.find(({ active }) => active?.kind === kind && active.internal === internal);
  }

  /** Scripts of the range that are not derived yet. */
  get missing(): number {
    let missing = 0;
    for (const held of this.#held.values()) missing += held.missing;
    return missing;
  }

  /** Of those the ones that somebody may know. */
  get missingKnown(): number {
    let missing = 0;
    for (const held of this.#held.values()) {
      missing += Math.max(0, (held.isFresh ? held.next : held.end) - held.derivedEnd);
    }
    return missing;
  }

  /** Every script that is derived. */
  *scripts(): Iterable<Uint8Array> {
    for (const held of this.#held.values()) for (const scripts of held.scripts) yield* scripts;
  }

  /**
   * Adds a descriptor, or changes the range, the private keys and the time of one that is here.
   * @throws WalletError `needs-passphrase`, `invalid-range`, `needs-private-keys`
   */
  add(descriptor: Descriptor, options: AddDescriptorOptions): HeldDescriptor {
    const isRange = descriptor.isRange;
    const { start, end } = isRange ? (options.range ?? { start: 0, end: 0 }) : { start: 0, end: 1 };
    const next = isRange ? Math.max(options.next ?? start, start) : 0;
    if (descriptor.expand(start) === undefined) {
      const why = "Probably because of hardened derivations without private keys provided";
      throw new WalletError("needs-private-keys", `Cannot expand descriptor. ${why}`);
    }
    const { timestamp } = options;
    const made = this.#make(descriptor, { start, end, next, timestamp });
    const held = this.#held.get(made.id) ?? made;
    if (held !== made) this.#update(held, made);
    if (descriptor.hasPrivateKeys) {
      this.#host.vault.put(held.id, descriptor.toPrivateString() ?? "");
      this.#private.delete(held.id);
      held.hasPrivateKeys = true;
    }
    this.#held.set(held.id, held);
    this.topUp(held);
    held.changed();
    return held;
  }

  #make(
    descriptor: Descriptor,
    fields: { start: number; end: number; next: number; timestamp: Seconds },
  ): HeldDescriptor {
    const text = descriptor.toNormalizedString() ?? descriptor.toString();
    const [own, source] = [this.#parse(descriptor.toString()), this.#parse(text)];
    return new HeldDescriptor({ ...fields, descriptor: own, source }, this.#host.journal);
  }

  #update(held: HeldDescriptor, { start, end, next, timestamp }: HeldDescriptor): void {
    if (held.descriptor.isRange) {
      if (start > held.start || end < held.end) {
        const range = `[${held.start},${held.end - 1}]`;
        throw new WalletError("invalid-range", `new range must include current range = ${range}`);
      }
      if (start < held.start) this.#forgetScripts(held, start);
      held.end = end;
      held.next = next;
    }
    held.timestamp = timestamp;
    held.isFresh = false;
  }

  #forgetScripts(held: HeldDescriptor, start: number): void {
    for (const script of held.scripts.flat()) {
      const name = bytesToHex(script);
      const others = this.#scripts.get(name)?.filter((each) => each.held !== held) ?? [];
      if (others.length === 0) this.#scripts.delete(name);
      else this.#scripts.set(name, others);
    }
    held.resetScripts(start);
  }

  /** Makes it the one that gives new addresses of its kind; the one before gives none any more. */
  activate(held: HeldDescriptor, internal: boolean): void {
    const kind = this.requireActivatable(held.descriptor);
    const before = this.activeOf(kind, internal);
    if (before !== undefined) this.deactivate(before);
    held.active = { kind, internal };
    held.changed();
  }

  /** @throws WalletError `not-activatable` */
  requireActivatable({ addressKind, isRange }: Descriptor): AccountKind {
    if (addressKind !== undefined && isRange) return addressKind;
    const message = "only a descriptor with a range and one type of address can be active";
    throw new WalletError("not-activatable", message);
  }

  deactivate(held: HeldDescriptor): void {
    if (held.active === undefined) return;
    held.active = undefined;
    held.changed();
  }

  /**
   * Moves the end of its range so far ahead of the next index as the keypool is large. Core: TopUp.
   * @returns `false` where that takes private keys that are locked or missing
   */
  topUp(held: HeldDescriptor, size: number = this.#host.keypoolSize()): boolean {
    if (!held.descriptor.isRange) held.end = 1;
    else {
      const end = Math.min(Math.max(held.next + size, held.end), MAX_INDEX);
      // A hardened range is derived at once: later its private keys may be locked.
      if (!held.isDerivable && !this.#derive(held, end)) return false;
      if (end !== held.end) {
        held.end = end;
        held.changed();
      }
    }
    return held.descriptor.isRange || this.#derive(held, 1);
  }

  /**
   * Derives scripts that are missing, up to so many. Fresh descriptors come last, because nobody can pay to what they have not
   * given yet.
   * @returns how many are still missing
   */
  deriveMissing(limit: number): number {
    let left = limit;
    for (const held of this.all.toSorted((a, b) => Number(a.isFresh) - Number(b.isFresh))) {
      const count = Math.min(left, held.missing);
      if (count > 0 && this.#derive(held, held.derivedEnd + count)) left -= count;
    }
    return this.missing;
  }

  /** Derives all scripts that somebody may know. */
  deriveKnown(): void {
    for (const held of this.#held.values()) this.#derive(held, held.isFresh ? held.next : held.end);
  }

  #derive(held: HeldDescriptor, end: number): boolean {
    while (held.derivedEnd < end) {
      const index = held.derivedEnd;
      const source = held.isDerivable ? held.source : this.#privateOf(held);
      const scripts = source === undefined ? undefined : held.deriveNext(source);
      if (scripts === undefined) return false;
      this.#index(held, index, scripts);
    }
    return true;
  }

  #index(held: HeldDescriptor, index: number, scripts: readonly Uint8Array[]): void {
    for (const script of scripts) {
      const name = bytesToHex(script);
      const owners = this.#scripts.get(name);
      if (owners === undefined) this.#scripts.set(name, [{ held, index }]);
      else owners.push({ held, index });
    }
  }

  #privateOf(held: HeldDescriptor): Descriptor | undefined {
    if (!held.hasPrivateKeys || this.#host.vault.isLocked) return undefined;
    let own = this.#private.get(held.id);
    if (own === undefined) {
      own = this.#parse(this.#host.vault.get(held.id) ?? "");
      this.#private.set(held.id, own);
    }
    return own;
  }

  /** The text with its private keys. @throws WalletError `needs-passphrase` */
  privateText(held: HeldDescriptor): string | undefined {
    held.isFresh = false;
    return this.#host.vault.get(held.id);
  }

  /** Forgets what the vault must not show while it is locked. */
  lock(): void {
    this.#private.clear();
  }

  /** The next address. Core: GetNewDestination. */
  newAddress(
    kind: AccountKind,
    internal: boolean,
  ): NewAddress & { readonly held?: HeldDescriptor } {
    const held = this.activeOf(kind, internal);
    if (held === undefined) {
      return { ok: false, code: "no-addresses", reason: `Error: No ${kind} addresses available.` };
    }
    const isTopped = this.topUp(held);
    const index = held.next;
    if ((!isTopped && index >= held.end) || !this.#derive(held, index + 1)) {
      const reason = "Error: Keypool ran out, please call keypoolrefill first";
      return { ok: false, code: "keypool-empty", reason };
    }
    held.next++;
    held.changed();
    const script = held.scriptAt(index);
    const address = addressOfScript(script, this.#host.params) ?? "";
    return { ok: true, address, script, index, held };
  }

  /** Takes back the address that was given last. Core: ReturnDestination. */
  returnAddress(script: Uint8Array): boolean {
    const last = this.owners(script).find(({ held, index }) => held.next - 1 === index);
    if (last === undefined) return false;
    last.held.next--;
    last.held.changed();
    return true;
  }

  /**
   * Counts all indices up to that of a script as given. Core: MarkUnusedAddresses.
   * @returns the scripts that are counted as given from now on
   */
  markUsed(script: Uint8Array): { readonly script: Uint8Array; readonly held: HeldDescriptor }[] {
    const marked: { script: Uint8Array; held: HeldDescriptor }[] = [];
    for (const { held, index } of this.owners(script)) {
      const before = held.next;
      for (; held.next <= index; held.next++) {
        marked.push({ script: held.scriptAt(held.next), held });
      }
      if (held.next !== before) held.changed();
      this.topUp(held);
      if (!held.isFresh) this.#derive(held, held.end);
    }
    return marked;
  }

  /** All that is known for spending outputs of these scripts. Core: GetSolvingProvider, GetSigningProvider. */
  provider(scripts: readonly Uint8Array[], withPrivateKeys: boolean): SigningProvider {
    const found = new SigningProvider();
    for (const { held, index } of scripts.flatMap((script) => this.owners(script))) {
      // Hardened keys come from private ones, while those are unlocked.
      const needsPrivate = withPrivateKeys || !held.isDerivable;
      const source = (needsPrivate ? this.#privateOf(held) : undefined) ?? held.source;
      const expansion = source.expand(index, { withPrivateKeys });
      if (expansion !== undefined) found.merge(expansion.provider);
    }
    return found;
  }

  loadDescriptor(key: Uint8Array, reader: Reader): void {
    const held = HeldDescriptor.decode(key, reader, this.#host);
    held.hasPrivateKeys = this.#host.vault.has(held.id);
    this.#held.set(held.id, held);
  }

  loadScripts(key: Uint8Array, reader: Reader): void {
    const held = this.#held.get(bytesToHex(key.subarray(2, 34)));
    if (held === undefined) throw damaged(key, "its descriptor is missing");
    const from = held.derivedEnd;
    held.loadChunk(key, new Reader(key, 34).u32(), reader);
    for (let index = from; index < held.derivedEnd; index++) {
      this.#index(held, index, held.scripts[index - held.start] ?? []);
    }
  }

  #parse(text: string): Descriptor {
    const parsed = parseDescriptor(text, this.#host.params);
    if (!parsed.ok) throw new WalletError("wrong-network", parsed.reason);
    return parsed.descriptor;
  }
}
