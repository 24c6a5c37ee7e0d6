/** The half of a ledger that needs no chain: descriptors, addresses, labels, the passphrase. */
import type { Seconds } from "@chain/core";
import {
  requireArray,
  requireBoolean,
  requireBytes,
  requireFields,
  requireInteger,
  requireString,
} from "@chain/core/arguments";
import { type AccountKind, requireAccountKind, requireMaster } from "../accounts/account.ts";
import { addressOfScript } from "../address.ts";
import type { Descriptor } from "../descriptor/descriptor.ts";
import { WalletError } from "../errors.ts";
import type { ExtendedKey } from "../extendedKey.ts";
import type { SigningProvider } from "../signingProvider.ts";
import {
  requireAddDescriptorOptions,
  requireDescriptor,
  requireKeypoolSize,
  requireOptionalPurpose,
  requireTime,
} from "./check.ts";
import type { HeldDescriptor } from "./heldDescriptor.ts";
import type { WalletFlag } from "./meta.ts";
import { type LedgerParts, setUpDescriptors } from "./parts.ts";
import type {
  AddDescriptorOptions,
  AddressEntry,
  AddressPurpose,
  NewAddress,
  NewAddressOptions,
  ScriptOwner,
  WalletDescriptor,
  WalletRecordChange,
} from "./types.ts";

/** The methods that `WalletLedger` takes from here. */
export abstract class WalletKeys {
  protected readonly parts: LedgerParts;

  protected constructor(parts: LedgerParts) {
    this.parts = parts;
  }

  /** Called when scripts have become the wallet's that somebody may have paid to before. */
  protected abstract scriptsAdded(): void;

  /** Does what `scriptsAdded` put off. */
  protected abstract settle(): void;

  /** Called when the flag `avoidReuse` has changed. */
  protected abstract reuseChanged(): void;

  /** Records to write, all or none in one batch, since the last call. Empty where nothing has changed. */
  takeChanges(): readonly WalletRecordChange[] {
    this.settle();
    return this.parts.journal.take();
  }

  /** Whether `takeChanges` has something. */
  get hasChanges(): boolean {
    return !this.parts.journal.isEmpty;
  }

  /** Core: WALLET_FLAG_DISABLE_PRIVATE_KEYS, WALLET_FLAG_BLANK_WALLET, WALLET_FLAG_AVOID_REUSE. */
  hasFlag(flag: WalletFlag): boolean {
    return this.parts.meta.has(flag);
  }

  /** Sets `avoidReuse`, the only flag that may change later. */
  setAvoidReuse(on: boolean): void {
    requireBoolean(on, "on");
    this.parts.meta.setFlag("avoidReuse", on);
    this.reuseChanged();
  }

  /** Nothing was paid to the wallet before. */
  get birthday(): Seconds {
    return this.parts.meta.birthday;
  }

  /** Addresses that each descriptor knows ahead of the next one. */
  get keypoolSize(): number {
    return this.parts.meta.keypoolSize;
  }

  set keypoolSize(size: number) {
    requireKeypoolSize(size, "size");
    this.parts.meta.keypoolSize = size;
  }

  /** In the order in which they were added, active or not. */
  descriptors(): readonly WalletDescriptor[] {
    return this.parts.ring.all;
  }

  /** The descriptor whose new addresses have this kind. */
  activeDescriptor(kind: AccountKind, internal = false): WalletDescriptor | undefined {
    requireAccountKind(kind, "kind");
    requireBoolean(internal, "internal");
    return this.parts.ring.activeOf(kind, internal);
  }

  /**
   * Adds a descriptor with the private keys that it brings, or changes the range and the time of one that is here. A
   * rescan finds payments to its scripts from before; see `scripts`.
   * @throws WalletError `needs-passphrase`, `needs-private-keys`, `invalid-range`, `not-activatable`, `private-keys-disabled`
   */
  addDescriptor(descriptor: Descriptor, options: AddDescriptorOptions): WalletDescriptor {
    requireDescriptor(descriptor, "descriptor");
    requireAddDescriptorOptions(options, "options");
    const { ring, book, meta, params } = this.parts;
    if (descriptor.hasPrivateKeys && meta.has("disablePrivateKeys")) {
      const message = "private keys are disabled for this wallet";
      throw new WalletError("private-keys-disabled", message);
    }
    const { active = false, internal = false, label = "", timestamp } = options;
    if (active) ring.requireActivatable(descriptor);
    const held = ring.add(descriptor, options);
    if (active) ring.activate(held, internal);
    else if (held.active?.internal === internal) ring.deactivate(held);
    if (!descriptor.isRange && !internal) {
      for (const script of held.scripts.flat()) {
        if (addressOfScript(script, params) !== undefined) book.set(script, label, "receive");
      }
    }
    meta.birthday = Math.min(meta.birthday, timestamp);
    this.scriptsAdded();
    return held;
  }

  /**
   * Makes a descriptor for each kind of address from a master key, for receiving and for change, and activates them.
   * Core: SetupDescriptorScriptPubKeyMans.
   * @param master private; default: a new one
   */
  setUpDescriptors(master?: ExtendedKey): void {
    if (master !== undefined) requireMaster(master, "master");
    setUpDescriptors(this.parts, master);
    if (master !== undefined) this.scriptsAdded();
  }

  /**
   * The text of a descriptor with its private keys: a secret. `undefined` where it has none.
   * @throws WalletError `needs-passphrase`
   */
  privateText(id: string): string | undefined {
    requireString(id, "id");
    const held = this.parts.ring.get(id);
    return held === undefined ? undefined : this.parts.ring.privateText(held);
  }

  /**
   * The next address of a kind. A receiving one enters the address book with its label; one for change does not. The
   * reasons of a refusal are Core's. Core: GetNewDestination, GetNewChangeDestination.
   */
  newAddress(kind: AccountKind, options: NewAddressOptions = {}): NewAddress {
    requireAccountKind(kind, "kind");
    requireFields(options, "options", { label: "string?", internal: "boolean?" });
    const { label = "", internal = false } = options;
    const given = this.parts.ring.newAddress(kind, internal);
    if (given.ok && !internal) this.parts.book.set(given.script, label, "receive");
    return given;
  }

  /**
   * Takes back an address that was given for change, where it was the last one. Core: ReturnDestination.
   * @returns whether it was taken
   */
  returnAddress(script: Uint8Array): boolean {
    requireBytes(script, "script");
    return this.parts.ring.returnAddress(script);
  }

  /**
   * Fills the keypool of the active descriptors. Core: keypoolrefill.
   * @param size default: `keypoolSize`
   * @returns `false` where that takes private keys that are locked
   */
  topUp(size?: number): boolean {
    if (size !== undefined) requireKeypoolSize(size, "size");
    const active = this.parts.ring.all.filter((held) => held.active !== undefined);
    return active.map((held) => this.parts.ring.topUp(held, size)).every(Boolean);
  }

  /**
   * Notes that others get extended keys or records of the wallet: they may pay from now on to addresses that it has not given.
   * Reading the text of a descriptor does the same for this one.
   */
  shareKeys(): void {
    for (const held of this.parts.ring.all) held.isFresh = false;
  }

  /** Scripts inside the ranges that are not derived yet. See `deriveScripts`. */
  get missingScripts(): number {
    return this.parts.ring.missing;
  }

  /** Of `missingScripts` those that somebody may have paid to: `apply` and `ownerOf` derive them at once. */
  get missingKnownScripts(): number {
    return this.parts.ring.missingKnown;
  }

  /**
   * Derives scripts ahead of time, some thousandths of a second each: a host calls it with a small number whenever it has
   * nothing else to do, until none is missing. Nothing goes wrong without it: `apply` and `ownerOf` derive what anybody may know.
   * @returns how many are still missing
   */
  deriveScripts(limit: number): number {
    requireInteger(limit, "limit", 0);
    return this.parts.ring.deriveMissing(limit);
  }

  /** All scripts of the wallet, for a search in blocks or in their filters. Derives what is missing first. */
  scripts(): Iterable<Uint8Array> {
    this.parts.ring.deriveMissing(Number.MAX_SAFE_INTEGER);
    return this.parts.ring.scripts();
  }

  /** Whose script it is; of several descriptors the first. */
  ownerOf(script: Uint8Array): ScriptOwner | undefined {
    requireBytes(script, "script");
    this.parts.ring.deriveKnown();
    const [owner] = this.parts.ring.owners(script);
    return owner === undefined ? undefined : ownerOf(owner.held, owner.index);
  }

  /**
   * Keys and scripts for spending outputs of these scripts, for `signPsbt` and `signRawTransaction`.
   * @param withPrivateKeys `true`: the private keys as well
   * @throws WalletError `needs-passphrase`
   */
  provider(scripts: readonly Uint8Array[], withPrivateKeys: boolean): SigningProvider {
    requireScripts(scripts, "scripts");
    requireBoolean(withPrivateKeys, "withPrivateKeys");
    if (withPrivateKeys) this.#requireUnlocked();
    this.parts.ring.deriveKnown();
    return this.parts.ring.provider(scripts, withPrivateKeys);
  }

  /** The entry of an address in the address book. Change has none. */
  addressEntry(script: Uint8Array): AddressEntry | undefined {
    requireBytes(script, "script");
    return this.parts.book.get(script);
  }

  addressEntries(): readonly AddressEntry[] {
    return this.parts.book.all();
  }

  /** @param purpose default: as it is, or `receive` for a new entry */
  setLabel(script: Uint8Array, label: string, purpose?: AddressPurpose): void {
    requireBytes(script, "script");
    requireString(label, "label");
    requireOptionalPurpose(purpose, "purpose");
    this.parts.book.set(script, label, purpose);
  }

  /** @returns whether there was an entry */
  deleteLabel(script: Uint8Array): boolean {
    requireBytes(script, "script");
    return this.parts.book.delete(script);
  }

  /** Whether the wallet has spent from this address; only told with `avoidReuse`. */
  isSpentAddress(script: Uint8Array): boolean {
    requireBytes(script, "script");
    return this.parts.book.isSpent(script);
  }

  /** Whether the private keys are under a passphrase. */
  get isEncrypted(): boolean {
    return this.parts.vault.isEncrypted;
  }

  get isLocked(): boolean {
    return this.parts.vault.isLocked;
  }

  /** When it locks itself, by the host's clock; 0 where it is locked, or is not encrypted. */
  get unlockedUntil(): Seconds {
    return this.parts.vault.unlockedUntil;
  }

  /**
   * Puts the private keys under a passphrase and locks the wallet. Unless it is blank, it goes on with new keys, because
   * the old ones were on the disk in the clear. Core: EncryptWallet.
   * @throws WalletError `exists` where it is encrypted already, `empty-passphrase`, `private-keys-disabled`
   */
  async encrypt(passphrase: string): Promise<void> {
    requireString(passphrase, "passphrase");
    const { meta, vault } = this.parts;
    if (meta.has("disablePrivateKeys")) {
      throw new WalletError("private-keys-disabled", "there are no private keys to encrypt");
    }
    await vault.encrypt(passphrase);
    if (!meta.has("blank")) this.setUpDescriptors();
    this.lock();
  }

  /**
   * @param until when it locks itself again, by the host's clock
   * @throws WalletError `wrong-passphrase`, `not-encrypted`, `empty-passphrase`
   */
  async unlock(passphrase: string, until: Seconds): Promise<void> {
    requireString(passphrase, "passphrase");
    requireTime(until, "until");
    await this.parts.vault.unlock(passphrase, until);
  }

  lock(): void {
    this.parts.vault.lock();
    this.parts.ring.lock();
  }

  /** @throws WalletError `wrong-passphrase`, `not-encrypted`, `empty-passphrase` */
  async changePassphrase(old: string, passphrase: string): Promise<void> {
    requireString(old, "old");
    requireString(passphrase, "passphrase");
    await this.parts.vault.changePassphrase(old, passphrase);
  }

  #requireUnlocked(): void {
    if (this.isLocked) throw new WalletError("needs-passphrase", "the wallet is locked");
  }
}

export function ownerOf(descriptor: HeldDescriptor, index: number): ScriptOwner {
  return { descriptor, index, isInternal: descriptor.active?.internal };
}

function requireScripts(value: unknown, name: string): void {
  requireArray(value, name, requireBytes);
}
