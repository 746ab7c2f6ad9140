import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { smsgate } from './index.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ dialects: [smsgate], dispatch: false });
  client = new Client(world, await world.account({ dialect: 'smsgate' }));
});
afterEach(() => world.close());

const url = 'https://shop.example/sms';
const register = (more: object = {}, as = client) =>
  as.ask('POST', '/webhooks', { body: { url, event: 'sms:received', ...more } });
const held = async (as = client) =>
  (await as.get('/webhooks')).json as unknown as Record<string, unknown>[];
const remove = (id: string, as = client) => as.ask('DELETE', `/webhooks/${encodeURIComponent(id)}`);

describe('a webhook', () => {
  it('is registered as documented, and the answer has the key that is signed with', async () => {
    const { status, json } = await register();
    expect(status).toBe(201);
    const { id } = json;
    const shown = { id, deviceId: null, url, event: 'sms:received' };
    expect(json).toEqual({
      ...shown,
      signingKey: expect.stringMatching(/^[\w-]{32}$/) as string,
    });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await held()).toEqual([shown]);
  });

  it('has the same key as all others of its account', async () => {
    const keys = [await register(), await register({ event: 'sms:sent' })];
    const [one, two] = keys.map(({ json }) => json['signingKey']);
    expect(one).toBe(two);
    const stranger = new Client(world, await world.account({ dialect: 'smsgate' }));
    expect((await register({}, stranger)).json['signingKey']).not.toBe(one);
  });

  it('has the id that its client gives it, and is replaced under it', async () => {
    const id = 'MYofX8bTd5Bov0wWFZLRP';
    const first = await register({ id });
    const second = await register({ id, event: 'sms:failed', url: `${url}/2` });
    expect(second.status).toBe(201);
    expect(second.json).toEqual({
      id,
      deviceId: null,
      url: `${url}/2`,
      event: 'sms:failed',
      signingKey: first.json['signingKey'],
    });
    expect(await held()).toHaveLength(1);
    // One that we have named can be replaced as well.
    const { json } = await register();
    await register({ id: json['id'], event: 'sms:sent' });
    const events = (await held()).map((one) => [one['id'], one['event']]);
    expect(events).toEqual([
      [id, 'sms:failed'],
      [json['id'], 'sms:sent'],
    ]);
  });

  it('is one, when it is registered several times at once', async () => {
    await held();
    const all = await Promise.all([1, 2, 3].map(() => register({ id: 'mine' })));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([201]));
    expect(await held()).toHaveLength(1);
  });

  it('goes, once or again', async () => {
    await register({ id: 'a/b' });
    await register();
    for (let nth = 0; nth < 2; nth++) {
      const { status, body } = await remove('a/b');
      expect({ status, body }).toEqual({ status: 204, body: '' });
    }
    expect(await held()).toHaveLength(1);
  });

  it('is its account’s own', async () => {
    await register({ id: 'mine' });
    const stranger = new Client(world, await world.account({ dialect: 'smsgate' }));
    expect((await remove('mine', stranger)).status).toBe(204);
    expect(await held(stranger)).toEqual([]);
    await register({ id: 'mine', event: 'sms:sent' }, stranger);
    expect(await held()).toMatchObject([{ id: 'mine', event: 'sms:received' }]);
  });

  it('may be of one phone, which is the account’s', async () => {
    const enrol = async (of: Client): Promise<string> => {
      const { id: accountId } = of.account.account;
      const wish = { name: 'a', sims: [], pushToken: null, version: null };
      const admission = { accountId, credentialId: null };
      return (await world.gateway.devices.enrol(admission, wish)).device.id;
    };
    const deviceId = await enrol(client);
    expect((await register({ deviceId })).json).toMatchObject({ deviceId });
    const stranger = new Client(world, await world.account({ dialect: 'smsgate' }));
    const { status, json } = await register({ deviceId: await enrol(stranger) });
    expect({ status, json }).toEqual({ status: 400, json: { message: 'device not found' } });
  });

  it.each([
    [{ url: undefined }, /url is missing/],
    [{ url: 'shop.example' }, /url must be a URL that begins with https/],
    [{ url: 'http://shop.example/sms' }, /url must be a URL that begins with https/],
    [{ url: 'https://user:pass@shop.example' }, /url must be a URL/],
    [{ url: 'https://shop.example/a b' }, /url must be a URL/],
    [{ url: `https://shop.example/${'x'.repeat(2048)}` }, /url must have at most 2048/],
    [{ event: undefined }, /event is missing/],
    [{ event: 'sms' }, /^event must be one of sms:received, sms:sent/],
    [{ event: 'system:ping' }, /^Webhooks of system:ping are not told/],
    [{ event: 'mms:received' }, /^Webhooks of mms:received are not told/],
    [{ id: 'x'.repeat(37) }, /id must have at most 36/],
    [{ deviceId: 'x'.repeat(22) }, /deviceId must have at most 21/],
  ])('with %j is refused', async (more, words) => {
    const { status, json } = await register(more);
    expect({ status, message: json['message'] }).toEqual({
      status: 400,
      message: expect.stringMatching(words) as string,
    });
    expect(await held()).toEqual([]);
  });

  it.each(['http://127.0.0.1:8080/hook', 'http://localhost/', 'HTTPS://shop.example'])(
    'may be at %s',
    async (where) => {
      expect((await register({ url: where })).status).toBe(201);
    },
  );

  it('is one of a hundred at most', async () => {
    await held();
    await Promise.all(Array.from({ length: 100 }, (_, nth) => register({ id: `${nth}` })));
    const { status, json } = await register();
    expect({ status, json }).toEqual({
      status: 400,
      json: { message: 'Maximum number of webhooks (100) reached' },
    });
    expect((await register({ id: '7', event: 'sms:sent' })).status).toBe(201);
  });
});
