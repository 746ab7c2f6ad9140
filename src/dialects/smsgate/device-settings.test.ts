import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import type { DeviceSettings } from '../../core/devices/device.ts';
import { usualSettings } from '../../core/devices/device.ts';
import { smsgate } from './index.ts';
import { Client } from './testkit/client.ts';

let world: World;
let client: Client;
beforeEach(async () => {
  world = await createWorld({ dialects: [smsgate], dispatch: false });
  client = new Client(world, await world.account({ dialect: 'smsgate' }));
});
afterEach(() => world.close());

async function enrol(settings: Partial<DeviceSettings> = {}, of = client): Promise<string> {
  const { id: accountId } = of.account.account;
  const wish = { name: 'a phone', sims: [], pushToken: null, version: null };
  const { devices } = world.gateway;
  const { device } = await devices.enrol({ accountId, credentialId: null }, wish);
  await devices.change(await of.account.caller(), device.id, { settings });
  return device.id;
}
const settingsOf = async (id: string): Promise<DeviceSettings | undefined> =>
  (await world.gateway.devices.find(await client.account.caller(), id))?.settings;
const write = (method: 'PUT' | 'PATCH', body: object) => client.ask(method, '/settings', { body });
const usual = {
  messages: { limit_period: 'Per30Minutes', limit_value: 30, sim_selection_mode: 'OSDefault' },
  webhooks: { retry_count: 15 },
};
const everything = {
  messages: {
    send_interval_min: 2,
    send_interval_max: 5,
    limit_period: 'PerHour',
    limit_value: 60,
    sim_selection_mode: 'RoundRobin',
  },
  ping: { interval_seconds: 60 },
};
const inWords: Partial<DeviceSettings> = {
  pause: { least: 2, most: 5 },
  pace: { parts: 60, minutes: 60 },
  sims: 'rotation',
  pingSeconds: 60,
};

describe('settings', () => {
  it('are those of the phones; without phones those of the webhooks alone', async () => {
    expect((await client.get('/settings')).json).toEqual({ webhooks: { retry_count: 15 } });
    await enrol();
    expect((await client.get('/settings')).json).toEqual(usual);
  });

  it.each(['PUT', 'PATCH'] as const)('are written by %s, for all phones', async (method) => {
    const ids = [await enrol(), await enrol({ pace: null })];
    const { status, json } = await write(method, everything);
    expect(status).toBe(200);
    expect(json).toEqual({ ...everything, webhooks: usual.webhooks });
    expect((await client.get('/settings')).json).toEqual(json);
    for (const id of ids) expect(await settingsOf(id)).toMatchObject(inWords);
  });

  it('stay by PATCH where nothing is said of them, and go back to the default by PUT', async () => {
    const id = await enrol({ ...inWords, timeZone: 'Australia/Sydney', dailyParts: 100 });
    await write('PATCH', { messages: { send_interval_max: 9 } });
    expect(await settingsOf(id)).toMatchObject({ ...inWords, pause: { least: 2, most: 9 } });
    await write('PUT', { messages: { send_interval_max: 9 } });
    // What this API does not know the owner has said, and it stays.
    expect(await settingsOf(id)).toEqual({
      ...usualSettings,
      pause: { least: 1, most: 9 },
      // The phone must be told that it need not ping.
      pingSeconds: 0,
      timeZone: 'Australia/Sydney',
      dailyParts: 100,
    });
  });

  it('that are taken back are not shown, nor kept', async () => {
    const id = await enrol(inWords);
    await write('PUT', {});
    expect((await client.get('/settings')).json).toEqual(usual);
    expect(await settingsOf(id)).toEqual({ ...usualSettings, pingSeconds: 0 });
  });

  it.each<[object, Partial<DeviceSettings>]>([
    [{ messages: { send_interval_max: null } }, { pause: null }],
    [{ messages: { send_interval_min: null } }, { pause: { least: 1, most: 5 } }],
    [{ messages: { limit_period: 'Disabled' } }, { pace: null }],
    [{ messages: { limit_value: 0 } }, { pace: null }],
    [{ messages: { limit_value: 7 } }, { pace: { parts: 7, minutes: 60 } }],
    [{ messages: { limit_period: 'PerMinute' } }, { pace: { parts: 60, minutes: 1 } }],
    [{ messages: { limit_period: 'PerDay' } }, { pace: { parts: 60, minutes: 1440 } }],
    [{ messages: { limit_period: null, limit_value: null } }, { pace: { parts: 30, minutes: 30 } }],
    [{ messages: { sim_selection_mode: 'Random' } }, { sims: 'random' }],
    [{ messages: { sim_selection_mode: null } }, { sims: 'phone' }],
    [{ ping: { interval_seconds: null } }, { pingSeconds: 0 }],
    [{ messages: null, ping: null }, {}],
    [{}, {}],
  ])('by PATCH %j', async (body, change) => {
    const id = await enrol(inWords);
    expect((await write('PATCH', body)).status).toBe(200);
    expect(await settingsOf(id)).toMatchObject({ ...inWords, ...change });
  });

  it('that only phones know of are passed over, and keys in other words', async () => {
    const id = await enrol(inWords);
    const { status, json } = await write('PATCH', {
      messages: { log_lifetime_days: 3, processing_order: 'LIFO', limitValue: 200 },
      logs: { lifetime_days: 30 },
      webhooks: { internet_required: false, retry_count: 3 },
      gateway: { notification_channel: 'SSE_ONLY' },
      receiver: { content_provider_enabled: true },
    });
    expect(status).toBe(200);
    expect(json).toEqual({ ...everything, webhooks: usual.webhooks });
    expect(await settingsOf(id)).toMatchObject(inWords);
  });

  it.each([
    [{ encryption: { passphrase: 'secret' } }, 'encryption.passphrase cannot be set here.'],
    [{ webhooks: { signing_key: 'secret' } }, 'webhooks.signing_key cannot be set here.'],
    [{ gateway: { cloud_url: 'https://a.example' } }, 'gateway.cloud_url cannot be set here.'],
    [{ gateway: { private_token: 'secret' } }, 'gateway.private_token cannot be set here.'],
    [{ messages: { send_interval_min: 0 } }, 'messages.send_interval_min must be at least 1.'],
    [
      { messages: { send_interval_min: 9, send_interval_max: 3 } },
      'messages.send_interval_max must not be less than messages.send_interval_min.',
    ],
    [{ messages: { limit_value: -1 } }, 'messages.limit_value must be at least 0.'],
    [{ messages: { limit_value: 'many' } }, 'messages.limit_value must be a number.'],
    [
      { messages: { limit_period: 'PerYear' } },
      'messages.limit_period must be one of "Disabled", "PerMinute", "Per30Minutes", "PerHour", "PerDay".',
    ],
    [{ ping: { interval_seconds: 0 } }, 'ping.interval_seconds must be at least 1.'],
    [{ messages: [] }, 'messages must be an object.'],
  ])('%j is refused, and nothing is changed', async (body, message) => {
    const id = await enrol(inWords);
    const { status, json } = await write('PATCH', body);
    expect({ status, json }).toEqual({ status: 400, json: { message } });
    expect(await settingsOf(id)).toMatchObject(inWords);
  });

  it('that name what is to be left alone as nothing are fine', async () => {
    await enrol();
    const body = { encryption: { passphrase: '' }, webhooks: { signing_key: null } };
    expect((await write('PUT', body)).status).toBe(200);
  });

  it('need both of a limit, where there was none', async () => {
    await enrol({ pace: null });
    const message = 'messages.limit_period and messages.limit_value must be given both.';
    for (const messages of [{ limit_value: 5 }, { limit_period: 'PerHour' }]) {
      const { status, json } = await write('PATCH', { messages });
      expect({ status, json }).toEqual({ status: 400, json: { message } });
    }
  });

  it('need a phone', async () => {
    const { status, json } = await write('PATCH', everything);
    expect({ status, json }).toEqual({
      status: 400,
      json: { message: 'This account has no phones whose settings could be changed.' },
    });
  });

  it('that cannot be said here are left out', async () => {
    await enrol({ pace: { parts: 10, minutes: 10 }, sims: { fixed: 2 } });
    expect((await client.get('/settings')).json).toEqual({
      messages: {},
      webhooks: { retry_count: 15 },
    });
  });
});
