import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { fromCredits } from '../../core/money.ts';
import { expectSample, readFixture } from '../testkit/fixture.ts';
import { Client, number } from './testkit/client.ts';

let world: World;
let client: Client;
let id: string;
beforeEach(async () => {
  world = await createWorld();
  client = await Client.of(world);
  const template = await world.gateway.templates.add(await client.account.caller(), {
    name: 'order shipped',
    body: 'Hello {{name}}, your order {#var#} is on its way.',
    sender: 'TXTSMS',
    externalId: '1107',
  });
  id = template.id;
});
afterEach(() => world.close());

const data = { name: 'Asha', var: 7, more: { not: 'a text' } };
const recipient = { to: [number] };
const send = (more: object = {}) =>
  client.post('/sms/send/template', { alias: 'order-shipped', recipient, data, ...more });
const text = 'Hello Asha, your order 7 is on its way.';

describe('sms/send/template', () => {
  it.each([['by its alias'], ['by its id']])('sends %s', async (how) => {
    const answer = await send(how === 'by its id' ? { alias: undefined, id } : {});
    expect(answer.status).toBe(200);
    const [row] = answer.json['data'] as { id: string }[];
    expectSample(answer.body, readFixture(import.meta.url, 'send-template.json'), {
      'uuid:1': row?.id ?? '',
      SENDER: 'TXTSMS',
      '9190199xxxxx': number,
      '2020-09-24 15:42:56': '2026-03-01 05:30:00',
    });
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    expect(world.link.sent[0]?.wholeText).toBe(text);
    expect(await client.message(row?.id ?? '')).toMatchObject({ sender: 'TXTSMS', service: 'T' });
  });

  it('at the cost of the account itself, whatever products it is offered', async () => {
    const { owner } = world.gateway;
    const { id: account } = client.account.account;
    await owner.setProduct(account, { code: 'P', name: 'P', pricePerPart: fromCredits(0.5) });
    const { json } = await send();
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    const [row] = json['data'] as { id: string }[];
    expect(await client.message(row?.id ?? '')).toMatchObject({ service: 'T' });
    expect(await client.account.credits()).toBe(999);
  });

  it('with what its meta says', async () => {
    const meta = { foreign_id: 'order-7', tags: ['a'], flash: '1', service: 'P' };
    const { json } = await send({ meta });
    expect(json['data']).toMatchObject([{ foreign_id: 'order-7' }]);
    await waitUntil('it is sent', () => world.link.sent.length === 1);
    expect(world.link.sent[0]?.flash).toBe(true);
  });

  it('to a segment of the contacts, and so does the unified API', async () => {
    const caller = await client.account.caller();
    const { contacts } = world.gateway;
    const segment = await contacts.addGroup(caller, 'segment', 'customers');
    for (const nth of [0, 1]) {
      const value = `+91987654321${nth}`;
      const { contact } = await contacts.add(caller, {}, [{ kind: 'mobile', value }]);
      await contacts.join(caller, contact.id, [segment], 'in');
    }
    const group = { group_id: segment.id };
    expect((await send({ recipient: group })).json['data']).toHaveLength(2);
    const unified = await client.post('/sms/message/send', {
      channels: [{ name: 'sms', from: 'TXTSMS' }],
      recipient: group,
      message: { type: 'text', payload: { text } },
    });
    expect(unified.json['data']).toHaveLength(2);
  });

  it.each([
    [{ alias: '' }, 'alias', 'The alias field is required.'],
    [{ alias: 'nothing' }, 'alias', 'The selected alias is invalid.'],
    [{ alias: undefined, id: 'nothing' }, 'id', 'The selected id is invalid.'],
    [{ data: { name: 'Asha' } }, 'data.var', 'The data.var field is required.'],
    [{ recipient: {} }, 'recipient.to', 'The recipient.to field is required.'],
    [
      { recipient: { group_id: 'nothing' } },
      'recipient.group_id',
      'The selected recipient.group id is invalid.',
    ],
    [{ meta: { flash: 2 } }, 'meta.flash', 'The meta.flash must be true or false.'],
  ])('refuses %j', async (more, field, message) => {
    const { status, json } = await send(more);
    expect({ status, errors: json['errors'] }).toEqual({
      status: 422,
      errors: { [field]: [message] },
    });
    expect(await client.account.messages()).toBe(0);
  });

  it('refuses one that was rejected, or is blocked', async () => {
    const caller = await client.account.caller();
    await world.gateway.templates.block(caller, [{ externalId: '1107', active: 1 }]);
    expect((await send()).json['message']).toBe('The selected template id is blocked.');
    await world.gateway.templates.change(caller, id as never, { status: 'rejected' });
    expect((await send()).json['message']).toBe('The template is not approved.');
  });
});
