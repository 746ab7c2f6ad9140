import type { E164 } from '../../text/phone-number.ts';
import type { Authenticator, Caller } from '../accounts/authenticate.ts';
import type { Owner } from '../accounts/owner.ts';
import { mergeCallers } from '../batch.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, DeviceId, LinkId, MessageId } from '../ids.ts';
import type { Ids } from '../ports/ids.ts';
import type { Page } from '../ports/storage.ts';
import type { OutgoingPart, ReplyNews, SendOutcome } from '../ports/transport.ts';
import type { DeviceCancellation } from './cancel.ts';
import { cancelErrand } from './cancel.ts';
import type { DeviceContext } from './context.ts';
import type { Device, DevicePolicy, DeviceSettings, Sim, StoredDevice } from './device.ts';
import { isOnline, mostDevicesOfAnAccount, neverSeen, usualSettings } from './device.ts';
import type { Admission } from './enrolment.ts';
import { Enrolment } from './enrolment.ts';
import type { Errand } from './errand.ts';
import { errandOf } from './errand.ts';
import { Fleet } from './fleet.ts';
import type { Incoming } from './incoming.ts';
import { numberOf, replyOf } from './incoming.ts';
import { adoptNumbers, grantPhoneSender } from './numbers.ts';
import type { Handout, PullWish } from './pull.ts';
import { pull } from './pull.ts';
import type { Queued } from './queue.ts';
import { enqueue } from './queue.ts';
import type { Report } from './phone-report.ts';
import type { Reporting } from './report.ts';
import { recordReports } from './report.ts';
import { Sightings } from './sightings.ts';
import type { SimNews } from './sims.ts';
import { learnNumber, mergeSims } from './sims.ts';
import { changedSettings, checkSettings } from './settings.ts';
import { DeviceSweep } from './sweep.ts';
import { Wakes } from './wakes.ts';

/** Hand-overs and reports of one turn that share a transaction. */
const mergeLimit = 500;
/** How soon a phone that another process removed is not known here any more. */
const freshForMs = 2_000;
const keptDevices = 20_000;

export interface DeviceBookParts {
  delivery: DeliveryContext;
  policy: DevicePolicy;
  authenticate: Authenticator;
  owner: Owner;
  /** Records what phones receive. */
  reply: (news: ReplyNews) => Promise<void>;
}

/** A phone that asks to be enrolled. */
export interface NewDevice {
  name: string;
  sims: readonly SimNews[];
  pushToken: string | null;
  version: string | null;
}

/** What is changed of a phone by its account. What is left out stays. */
export interface DeviceChange {
  label?: string | null | undefined;
  number?: string | null | undefined;
  settings?: Partial<DeviceSettings> | undefined;
}

/** Phones that serve as ways out: whose they are, what they are given, what they say. */
export class DeviceBook {
  readonly enrolment: Enrolment;
  readonly wakes: Wakes;
  readonly #context: DeviceContext;
  readonly #delivery: DeliveryContext;
  readonly #sightings: Sightings;
  readonly #fleet: Fleet;
  readonly #reply: (news: ReplyNews) => Promise<void>;
  readonly #enqueue: (queued: Queued) => Promise<SendOutcome>;
  readonly #report: (reporting: Reporting) => Promise<null>;
  /** By token or hook. */
  readonly #known = new BoundedMap<string, { at: number; device: StoredDevice }>(keptDevices);
  #attending = false;

  constructor({ delivery, policy, authenticate, owner, reply }: DeviceBookParts) {
    const { storage, clock, ids, vault } = delivery;
    this.#delivery = delivery;
    this.#reply = reply;
    this.#sightings = new Sightings(storage);
    this.#fleet = new Fleet({ storage, clock, policy, sightings: this.#sightings });
    this.wakes = new Wakes(storage);
    this.enrolment = new Enrolment({ storage, clock, ids, vault, authenticate, owner });
    this.#context = {
      delivery,
      policy,
      fleet: this.#fleet,
      wakes: this.wakes,
      sightings: this.#sightings,
    };
    this.#enqueue = mergeCallers(
      (take: () => Queued[]) => enqueue(this.#context, take),
      mergeLimit,
    );
    this.#report = mergeCallers(
      (take: () => Reporting[]) => recordReports(this.#context, take),
      mergeLimit,
    );
  }

  /** The caller's phones, in the order in which they came. */
  async list({ view }: Caller): Promise<Device[]> {
    const stored = await this.#delivery.storage.read.devices.ofAccount(view.account.id);
    return stored.map((device) => this.#shown(device));
  }

  /** @returns undefined when the caller has none of this id. */
  async find({ view }: Caller, id: string): Promise<Device | undefined> {
    const device = await this.#delivery.storage.read.devices.find(id as DeviceId);
    return device?.accountId === view.account.id ? this.#shown(device) : undefined;
  }

  /** Whosever they are, by id: for the owner's tools. */
  async listAll(page: Page): Promise<Device[]> {
    const stored = await this.#delivery.storage.read.devices.list(page);
    return stored.map((device) => this.#shown(device));
  }

  /** Whosever it is: likewise. */
  async findAny(id: string): Promise<Device | undefined> {
    const device = await this.#delivery.storage.read.devices.find(id as DeviceId);
    return device && this.#shown(device);
  }

  /**
   * Changes what an account says of its phone.
   * @returns undefined when the caller has none of this id.
   * @throws GatewayError `invalid_request` for what is no number or no setting, `already_exists` for a number that is
   * somebody else's.
   */
  async change({ view }: Caller, id: string, change: DeviceChange): Promise<Device | undefined> {
    const { account } = view;
    const { label, number: written, settings } = change;
    const number = written ? numberOf(written, account.homeCountry) : undefined;
    if (written && !number) {
      throw new GatewayError('invalid_request', `'${written}' is no phone number.`, {
        field: 'number',
      });
    }
    if (settings) checkSettings(settings);
    const changed = await this.#save(id as DeviceId, (device) => {
      if (device.accountId !== account.id) return undefined;
      return {
        ...device,
        ...(label !== undefined && { label }),
        ...(written !== undefined && { number: number ?? null }),
        settings: changedSettings(device.settings, settings ?? {}),
      };
    });
    if (!changed) return undefined;
    if (settings) this.wakes.tell(changed.id, { kind: 'settings' });
    return this.#shown(changed);
  }

  /**
   * A phone serves no more: it is not known by its token from now on, and its numbers are no senders. What waits for it
   * goes to others.
   * @returns false when the caller has none of this id.
   */
  async remove({ view }: Caller, id: string): Promise<boolean> {
    const accountId = view.account.id;
    const removed = await this.#delivery.storage.write(async (tx) => {
      const [device] = await tx.devices.lock([id as DeviceId]);
      if (device?.accountId !== accountId) return false;
      for (const sender of device.senders) await tx.senders.remove(sender);
      return tx.devices.remove(device.id);
    });
    if (!removed) return false;
    this.#forget(accountId);
    this.wakes.tell(id as DeviceId, { kind: 'gone' });
    return true;
  }

  /** What phones have of the caller's messages; those that none has are left out. */
  async errandsOf(
    { view }: Caller,
    messageIds: readonly MessageId[],
  ): Promise<Map<MessageId, Errand>> {
    const { errands } = this.#delivery.storage.read;
    const found = await errands.find(view.account.id, messageIds);
    return new Map(found.map((errand) => [errand.messageId, errandOf(errand)]));
  }

  /** Takes back one of the caller's messages, as `cancelErrand`. */
  cancel({ view }: Caller, messageId: MessageId): Promise<DeviceCancellation | undefined> {
    return cancelErrand(this.#context, view.account.id, messageId);
  }

  /**
   * Asks a phone to tell again what it received from one instant to another, in case some of it was lost.
   * @returns false when the caller has none of this id.
   */
  async exportInbox(caller: Caller, id: string, since: number, until: number): Promise<boolean> {
    const device = await this.find(caller, id);
    if (!device) return false;
    this.wakes.tell(device.id, { kind: 'inbox', since, until });
    return true;
  }

  /**
   * Enrols a phone.
   * @returns it, and the token by which it is known from now on, which is shown once.
   * @throws GatewayError `forbidden` when its account has too many.
   */
  async enrol(
    { accountId, credentialId }: Admission,
    wanted: NewDevice,
  ): Promise<{ device: StoredDevice; token: string; accountName: string }> {
    const { storage, ids, vault, clock } = this.#delivery;
    const account = await storage.read.accounts.find(accountId);
    if (!account) throw new GatewayError('unauthenticated', 'The account is gone.');
    const now = clock.now();
    const id = newDeviceId(ids);
    const token = ids.secret(24);
    const secret = ids.secret(32);
    const made: StoredDevice = {
      id,
      accountId,
      name: wanted.name,
      label: null,
      number: null,
      sims: mergeSims([], wanted.sims),
      battery: null,
      health: null,
      version: wanted.version,
      // It may never learn that it is enrolled: the answer can be lost, and it registers anew then.
      lastSeenAt: neverSeen,
      createdAt: now,
      settings: { ...usualSettings, pace: this.#context.policy.pace },
      token: vault.digest(token),
      secret: vault.seal(secret),
      hook: vault.digest(this.#hookOf(id, secret)),
      pushToken: wanted.pushToken === null ? null : vault.seal(wanted.pushToken),
      credentialId,
      senders: [],
      restUntil: 0,
    };
    const device = await storage.write(async (tx) => {
      if ((await tx.devices.count(accountId)) >= mostDevicesOfAnAccount) {
        throw new GatewayError(
          'forbidden',
          `The account has ${mostDevicesOfAnAccount} phones; remove one first.`,
        );
      }
      await grantPhoneSender(tx, made, this.#delivery);
      const { device: adopted } = await adoptNumbers(tx, made, this.#delivery);
      await tx.devices.insert(adopted);
      return adopted;
    });
    this.#forget(accountId);
    return { device, token, accountName: account.name };
  }

  /** The phone of a token; undefined for one that is not enrolled, or not any more. */
  recognise(token: string): Promise<StoredDevice | undefined> {
    const digest = this.#delivery.vault.digest(token);
    return this.#recognise(`token ${digest}`, () =>
      this.#delivery.storage.read.devices.findByToken(digest),
    );
  }

  /** The phone that tells what happens at this path. */
  recogniseHook(path: string): Promise<StoredDevice | undefined> {
    const digest = this.#delivery.vault.digest(path);
    return this.#recognise(`hook ${digest}`, () =>
      this.#delivery.storage.read.devices.findByHook(digest),
    );
  }

  /** The path at which a phone tells what happens, and the key with which it signs that. */
  hookOf({ id, secret }: StoredDevice): { path: string; signingKey: string } {
    const signingKey = this.#delivery.vault.unseal(secret);
    return { path: this.#hookOf(id, signingKey), signingKey };
  }

  /** Where a phone is woken through its maker's push service; null where it is not to be, or is gone. */
  async pushTokenOf(id: DeviceId): Promise<{ token: string; accountId: AccountId } | null> {
    const device = await this.#delivery.storage.read.devices.find(id);
    if (!device?.pushToken) return null;
    return { token: this.#delivery.vault.unseal(device.pushToken), accountId: device.accountId };
  }

  /** Those of these phones that are enrolled. */
  present(ids: readonly DeviceId[]): Promise<Set<DeviceId>> {
    return this.#delivery.storage.read.devices.present(ids);
  }

  /** A phone was heard of. It is written down a moment later, by `writeSightings`. */
  seen(
    device: StoredDevice,
    more: Partial<Pick<StoredDevice, 'version' | 'battery' | 'health'>> = {},
  ): void {
    this.#sightings.add(device, this.#delivery.clock.now(), more);
  }

  /** Writes down when phones were heard of. @throws as the storage; it waits on then. */
  writeSightings(): Promise<void> {
    return this.#sightings.write();
  }

  /**
   * What a phone says of itself: where it can be woken (null: not by push), its SIMs where it says something of them.
   */
  async update(
    { id, pushToken: before, sims: known }: StoredDevice,
    { pushToken, sims }: { pushToken?: string | null; sims?: readonly SimNews[] },
  ): Promise<void> {
    const { vault } = this.#delivery;
    const push = pushToken === undefined ? undefined : pushToken;
    const unsealed = before === null ? null : vault.unseal(before);
    const samePush = push === undefined || push === unsealed;
    const sameSims = !sims || sameAs(mergeSims(known, sims), known);
    if (!samePush || !sameSims) {
      await this.#save(
        id,
        (device) => ({
          ...device,
          ...(push !== undefined && { pushToken: push === null ? null : vault.seal(push) }),
          sims: sims ? mergeSims(device.sims, sims) : device.sims,
        }),
        'learnt',
      );
    }
    if (push) this.wakes.tell(id, { kind: 'push' });
  }

  /** Puts a message into the queue of a phone. @throws GatewayError when the storage does not say whether it has it. */
  take(part: OutgoingPart, linkId: LinkId): Promise<SendOutcome> {
    return this.#enqueue({ part, linkId });
  }

  /** What a phone is given when it asks, as `pull`. */
  pull(device: StoredDevice, wish: PullWish): Promise<Handout[]> {
    return pull(this.#context, device, wish);
  }

  /** Resolves when what a phone says of its errands is on disk. */
  async report(device: StoredDevice, reports: readonly Report[]): Promise<void> {
    await Promise.all(reports.map((report) => this.#report({ device, report })));
  }

  /**
   * Resolves when what a phone received is on disk.
   * @returns false for what is from no phone number, which is left out.
   */
  async received(device: StoredDevice, incoming: Incoming, linkId: LinkId): Promise<boolean> {
    const view = await this.#delivery.directory.view(device.accountId);
    if (!view) return false;
    const home = view.account.homeCountry;
    const { vault } = this.#delivery;
    const news = replyOf(incoming, device, { linkId, home, vault });
    if (!news) return false;
    const number = numberOf(incoming.to, home);
    if (number && incoming.sim !== null) await this.#learn(device, incoming.sim, number);
    await this.#reply(news);
    return true;
  }

  /** For the node that holds the link: what follows from the silence of phones. */
  sweep(): DeviceSweep {
    return new DeviceSweep(this.#context);
  }

  async #learn(device: StoredDevice, sim: number, number: E164): Promise<void> {
    if (device.sims.some((one) => one.sim === sim && one.number === number)) return;
    const learn = (sims: readonly Sim[]) => learnNumber(sims, sim, number);
    await this.#save(device.id, (one) => ({ ...one, sims: learn(one.sims) }), 'learnt');
  }

  /** @param how `learnt` from the phone: a number that is somebody else's is no error then. */
  async #save(
    id: DeviceId,
    change: (device: StoredDevice) => StoredDevice | undefined,
    how: 'said' | 'learnt' = 'said',
  ): Promise<StoredDevice | undefined> {
    const saved = await this.#delivery.storage.write(async (tx) => {
      const [device] = await tx.devices.lock([id]);
      const changed = device && change(device);
      if (!changed) return undefined;
      const { device: adopted, foreign } = await adoptNumbers(tx, changed, this.#delivery);
      const [taken] = foreign;
      if (taken !== undefined && how === 'said') {
        throw new GatewayError('already_exists', `The number ${taken} is somebody else's.`, {
          field: 'number',
        });
      }
      await tx.devices.save(adopted);
      return adopted;
    });
    if (saved) this.#forget(saved.accountId);
    return saved;
  }

  #shown(stored: StoredDevice): Device {
    const device = this.#sightings.update(stored);
    const { policy, delivery } = this.#context;
    const { told: _told, ...settings } = device.settings;
    return {
      id: device.id,
      accountId: device.accountId,
      name: device.name,
      label: device.label,
      number: device.number ?? device.sims.find(({ number }) => number !== null)?.number ?? null,
      sims: device.sims,
      battery: device.battery,
      health: device.health,
      version: device.version,
      lastSeenAt: Math.max(device.lastSeenAt, device.createdAt),
      createdAt: device.createdAt,
      online: isOnline(device, policy, delivery.clock.now()),
      settings,
    };
  }

  async #recognise(
    key: string,
    find: () => Promise<StoredDevice | undefined>,
  ): Promise<StoredDevice | undefined> {
    this.#attend();
    const now = this.#delivery.clock.now();
    const known = this.#known.get(key);
    if (known && now - known.at >= 0 && now - known.at < freshForMs) return known.device;
    const device = await find();
    if (device) this.#known.set(key, { at: now, device });
    else this.#known.delete(key);
    return device;
  }

  /** What others change of phones is known here at once, where nodes can tell each other. */
  #attend(): void {
    if (this.#attending) return;
    this.#attending = true;
    this.wakes.on((_id, { kind }) => {
      if (kind === 'gone' || kind === 'settings' || kind === 'push') this.#known.clear();
    });
  }

  #forget(accountId: AccountId): void {
    this.#known.clear();
    this.#fleet.forget(accountId);
    this.#delivery.directory.forget(accountId);
  }

  /** Unguessable, since the key is, and the same each time, since phones tell their users of another one. */
  #hookOf(id: DeviceId, signingKey: string): string {
    return this.#delivery.vault.digest(`hook ${id} ${signingKey}`).slice(0, 48);
  }
}

/** Letters and digits, so that it is an argument of a command like any other; about 119 bits. */
function newDeviceId(ids: Pick<Ids, 'secret'>): DeviceId {
  let text = '';
  while (text.length < 20) text += ids.secret(24).replaceAll(/[-_]/g, '');
  return text.slice(0, 20) as DeviceId;
}

function sameAs(a: readonly Sim[], b: readonly Sim[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
