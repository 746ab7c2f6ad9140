import { afterEach } from 'vitest';
import { Air } from '../../../../test/peers/phone/air.ts';
import type { PhoneWish } from '../../../../test/peers/phone/phone.ts';
import { FakePhone } from '../../../../test/peers/phone/phone.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import type { PhoneWorldWish } from '../../../../test/support/phone-world.ts';
import { createPhoneWorld } from '../../../../test/support/phone-world.ts';
import type { TestDatabase } from '../../../../test/support/storage.ts';
import { createTestDatabase } from '../../../../test/support/storage.ts';
import { waitUntil } from '../../../../test/support/wait-until.ts';
import type { AccountWish, WorldAccount } from '../../../../test/support/world-account.ts';
import type { Caller } from '../../../core/accounts/authenticate.ts';
import type { Errand } from '../../../core/devices/errand.ts';
import type { Message } from '../../../core/messages/message.ts';
import type { OutgoingMessage } from '../../../core/messages/prepare.ts';
import type { Verdict } from '../../../core/messages/submit.ts';

type PhoneWorld = Awaited<ReturnType<typeof createPhoneWorld>>;
type Known = Pick<Message, 'id'>;

const limits = { alphabet: 'any', characters: 2_000, parts: 20 } as const;

/**
 * A gateway, an account and phones that reach it over real sockets. The time stands still; a long one passes while
 * the gateway is off (`later`), since each of its seconds would be lived through.
 */
export class PhoneStage {
  world!: PhoneWorld;
  account!: WorldAccount;
  url = '';
  readonly air = new Air();
  readonly #database: TestDatabase;
  readonly #wish: PhoneWorldWish;
  readonly #phones: FakePhone[] = [];
  #sent = 0;
  #run = 0;

  private constructor(database: TestDatabase, wish: PhoneWorldWish) {
    this.#database = database;
    this.#wish = wish;
  }

  static async open(wish: PhoneWorldWish): Promise<PhoneStage> {
    const stage = new PhoneStage(await createTestDatabase(), wish);
    await stage.#start(new FakeClock());
    stage.account = await stage.world.account({ credits: 100_000 });
    return stage;
  }

  async close(): Promise<void> {
    await this.world.close();
    await this.#database.drop();
  }

  /** The gateway is stopped and started again so much later; phones find it where it is then. */
  async later(ms: number): Promise<void> {
    const { world } = this;
    await world.close();
    await this.#start(new FakeClock(world.clock.now() + ms));
    for (const phone of this.#phones) phone.follow(this.url);
  }

  async #start(clock: FakeClock): Promise<void> {
    const node = `run ${++this.#run}`;
    this.world = await createPhoneWorld({ ...this.#wish, database: this.#database, clock, node });
    this.url = await this.world.listen();
  }

  /** A phone that is not enrolled. */
  readonly stranger = (wish: Partial<PhoneWish> = {}): FakePhone => {
    const base = `${this.url}/api/mobile/v1`;
    const now = () => this.world.clock.now();
    const phone = new FakePhone({ base, air: this.air, hooksAt: this.url, now, ...wish });
    this.#phones.push(phone);
    return phone;
  };

  /** A phone that is enrolled and started. */
  readonly phone = async ({
    of = this.account,
    pushToken,
    ...wish
  }: Partial<PhoneWish> & { of?: WorldAccount; pushToken?: string } = {}): Promise<FakePhone> => {
    const phone = this.stranger(wish);
    const token = await this.enrolmentToken(of);
    await phone.register(`Bearer ${token}`, pushToken === undefined ? {} : { pushToken });
    if (pushToken === undefined) await phone.start();
    else await phone.sync();
    return phone;
  };

  readonly enrolmentToken = async (of = this.account): Promise<string> =>
    (await this.world.gateway.devices.enrolment.token(of.account.id)).secret;

  readonly submit = async (
    messages: readonly Partial<OutgoingMessage>[],
    of = this.account,
  ): Promise<readonly Verdict[]> => {
    const outcome = await this.world.gateway.submit({
      caller: await this.#callerOf(of),
      messages: messages.map((message) => ({
        to: `04${12_000_000 + ++this.#sent}`,
        text: `Text ${this.#sent}`,
        sender: 'phone',
        limits,
        ...message,
      })),
    });
    if (outcome.kind !== 'done') throw new Error('replayed');
    return outcome.result.verdicts;
  };

  /** Sends texts, each to a number of its own, by any phone, and waits until they are in a queue. */
  readonly send = async (
    count: number,
    more: Partial<OutgoingMessage> = {},
  ): Promise<Message[]> => {
    const verdicts = await this.submit(Array.from({ length: count }, () => more));
    const messages = verdicts.map((verdict) => {
      if (!verdict.ok) throw new Error(verdict.error.detail);
      return verdict.message;
    });
    await waitUntil('the messages are in queues, and that is written down', async () => {
      await this.world.clock.settle();
      const stored = await Promise.all(messages.map(this.stored));
      return stored.every(({ status }) => status === 'sent');
    });
    return messages;
  };

  readonly sendOne = async (more: Partial<OutgoingMessage> = {}): Promise<Message> =>
    (await this.send(1, more))[0] as Message;

  readonly caller = (): Promise<Caller> => this.#callerOf(this.account);

  async #callerOf({ account }: WorldAccount): Promise<Caller> {
    return this.world.gateway.owner.actAs(account.id);
  }

  readonly errand = async ({ id }: Known): Promise<Errand | undefined> =>
    (await this.world.gateway.devices.errandsOf(await this.caller(), [id])).get(id);

  readonly stored = async ({ id }: Known): Promise<Message> => {
    const message = await this.world.storage.read.messages.findAny(id);
    if (!message) throw new Error('the message is gone');
    return message;
  };

  readonly statusOf = async (message: Known): Promise<Message['status']> =>
    (await this.stored(message)).status;

  readonly another = (wish?: AccountWish): Promise<WorldAccount> => this.world.account(wish);
}

/** @returns how a test opens its stage, which is closed after it. */
export function useStages(): (wish?: PhoneWorldWish) => Promise<PhoneStage> {
  const stages: PhoneStage[] = [];
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close();
  });
  return async (wish = {}) => {
    const stage = await PhoneStage.open(wish);
    stages.push(stage);
    return stage;
  };
}
