import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakePhone } from '../peers/phone/phone.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createPhoneWorld } from '../support/phone-world.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { World } from '../support/world.ts';
import type { WorldAccount } from '../support/world-account.ts';

/*
 * A phone may reach any node, whichever holds the link.
 */

let database: TestDatabase;
let holder: World;
let other: World;
let account: WorldAccount;
let phone: FakePhone;
beforeEach(async () => {
  database = await createTestDatabase();
  const clock = new FakeClock();
  holder = await createPhoneWorld({ database, node: 'holder', clock });
  other = await createPhoneWorld({ database, node: 'other', clock, dispatch: false });
  account = await holder.account();
  const url = await other.listen();
  const base = `${url}/mobile/v1`;
  phone = new FakePhone({ base, hooksAt: url, now: () => clock.now() });
  const { secret } = await holder.gateway.devices.enrolment.token(account.account.id);
  await phone.register(`Bearer ${secret}`);
  await phone.start();
}, 60_000);
afterEach(async () => {
  await Promise.all([holder.close(), other.close()]);
  await database.drop();
});

const send = async () => {
  await holder.clock.advance(1_500);
  const outcome = await holder.gateway.submit({
    caller: await account.caller(),
    messages: [
      {
        to: '0412345678',
        text: 'Hello',
        sender: 'phone',
        limits: { alphabet: 'any', characters: 100, parts: 1 },
      },
    ],
  });
  const verdict = outcome.kind === 'done' ? outcome.result.verdicts[0] : undefined;
  if (!verdict?.ok) throw new Error(verdict?.error.detail ?? 'replayed');
  return verdict.message;
};

describe('phones on another node than the link', () => {
  it('are woken there, given what they have, and heard', async () => {
    const stream = phone.listen();
    await stream.opened();
    const message = await send();
    await waitUntil('it is woken', () => stream.events.length > 0);
    expect(await phone.pull()).toMatchObject([{ id: message.id }]);
    await phone.work();
    await waitUntil('it is delivered', async () => {
      const [found] = await holder.gateway.findMessages(await account.caller(), [message.id]);
      return found?.status === 'delivered';
    });
    stream.cut();
  });

  it('are asked there to take back what they have', async () => {
    const stream = phone.listen();
    await stream.opened();
    const message = await send();
    await waitUntil('it is given', async () => (await phone.pull()).length > 0);
    await waitUntil('that is known', async () => {
      const [found] = await holder.gateway.findMessages(await account.caller(), [message.id]);
      return found?.status === 'sent';
    });
    const { devices } = holder.gateway;
    expect(await devices.cancel(await account.caller(), message.id)).toBe('cancelling');
    await waitUntil('it is told', () =>
      stream.events.some(({ event }) => event === 'MessageCancelled'),
    );
    stream.cut();
  });

  it('are not known any more as soon as they are removed anywhere', async () => {
    const stream = phone.listen();
    await stream.opened();
    await holder.gateway.devices.remove(await account.caller(), phone.id);
    await waitUntil('its stream has ended', () => stream.ended);
    expect((await phone.ask('GET', '/message')).status).toBe(401);
  });

  it('two that ask at once share what the phone may have', async () => {
    const here = await holder.listen();
    const { devices } = holder.gateway;
    const settings = { pace: { parts: 5, minutes: 30 } };
    await devices.change(await account.caller(), phone.id, { settings });
    for (let at = 0; at < 10; at++) await send();
    await waitUntil('all are in the queue', async () => {
      const loads = await holder.storage.read.errands.loads('waiting');
      return loads.get(phone.id as never) === 10;
    });
    const twin = new FakePhone({ base: `${here}/mobile/v1` });
    Object.assign(twin, { id: phone.id, token: phone.token });
    await Promise.all([phone.pull(), twin.pull(), phone.pull(), twin.pull()]);
    const given = await holder.storage.read.errands.loads('given');
    expect(given.get(phone.id as never)).toBe(5);
  });
});
