import sdk, {
  HealthStatus,
  ProcessState,
  SimSelectionMode,
  WebHookEventType,
} from 'android-sms-gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { WebhookReceiver } from '../support/webhook-receiver.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import { FakePhone } from './phone/phone.ts';

// Its types are found as those of CommonJS, whose `default` it would be a step further; it is none.
const Client = sdk as unknown as typeof sdk.default;

// The makers' published client, with another base URL, against the demo as its user starts it; and a phone like theirs.

const [login, password] = ['demo', 'demo-password'] as const;
/** A number that the sandbox delivers to (docs/transports/sandbox.md). */
const delivered = '+61491570158';

let database: TestDatabase;
let gateway: GatewayProcess;
let receiver: WebhookReceiver;
beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startReceiver();
  gateway = await gatewayAt(database.place).start(['--demo'], {
    PARLANCE_SMPP_SERVER_PORT: '0',
    PARLANCE_LINKS: JSON.stringify({
      sandbox: { transport: 'sandbox', settings: { receiptDelayMs: 5 } },
      phones: { transport: 'phone' },
    }),
  });
}, 60_000);
afterAll(async () => {
  await gateway.kill();
  await receiver.close();
  await database.drop();
});

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** As the client's documentation has it, and with an eye for the status. */
async function request<T>(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<T> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(url, { method, headers, ...init });
  const text = await answer.text();
  const json = (text === '' ? undefined : JSON.parse(text)) as T;
  if (answer.ok) return json;
  throw new Refused(answer.status, (json as { message: string }).message);
}
const http = {
  get: <T>(url: string, headers?: Record<string, string>) => request<T>('GET', url, headers),
  post: <T>(url: string, body: unknown, headers?: Record<string, string>) =>
    request<T>('POST', url, headers, body),
  put: <T>(url: string, body: unknown, headers?: Record<string, string>) =>
    request<T>('PUT', url, headers, body),
  patch: <T>(url: string, body: unknown, headers?: Record<string, string>) =>
    request<T>('PATCH', url, headers, body),
  delete: <T>(url: string, headers?: Record<string, string>) => request<T>('DELETE', url, headers),
};
const clientAt = (base: string, name: string = login, secret: string = password) =>
  new Client(name, secret, http, `${gateway.url}/smsgate${base}`);

const message = (more: object = {}) => ({
  message: 'Hello, Grüße, 你好 👍',
  phoneNumbers: [delivered],
  ...more,
});

describe.each(['/3rdparty/v1', '/api/3rdparty/v1'])('android-sms-gateway at %s', (base) => {
  const api = () => clientAt(base);

  it('sends a message and asks what became of it', async () => {
    const { id, state, recipients } = await api().send(message());
    expect({ state, recipients }).toEqual({
      state: ProcessState.Pending,
      recipients: [{ phoneNumber: delivered, state: ProcessState.Pending }],
    });
    await waitUntil('the delivery', async () => {
      return (await api().getState(id)).state === ProcessState.Delivered;
    });
  });

  it('sends to several under an id of its own, once', async () => {
    const id = `order ${base}`;
    const phoneNumbers = [delivered, '+61491570157'];
    const more = { id, phoneNumbers, ttl: 600, withDeliveryReport: true };
    expect((await api().send(message(more), { skipPhoneValidation: true })).id).toBe(id);
    const again = api().send(message(more));
    await expect(again).rejects.toMatchObject({ status: 409, message: 'duplicate id' });
    const state = await api().getState(encodeURIComponent(id));
    expect(state.recipients.map(({ phoneNumber }) => phoneNumber)).toEqual(phoneNumbers);
  });

  it('is refused as it expects it', async () => {
    await expect(api().send(message({ phoneNumbers: ['hello'] }))).rejects.toMatchObject({
      status: 400,
    });
    await expect(api().getState('nothing')).rejects.toMatchObject({
      status: 404,
      message: 'message not found',
    });
    const other = clientAt(base, login, 'wrong');
    await expect(other.getDevices()).rejects.toMatchObject({ status: 401 });
    await expect(api().getLogs(new Date(0), new Date())).rejects.toMatchObject({ status: 501 });
  });

  it('asks for the health of the server', async () => {
    expect(await api().getHealth()).toMatchObject({ status: HealthStatus.Pass });
  });

  it('keeps webhooks, which hear of what it sends', async () => {
    const url = `${receiver.url}${base}`;
    const event = WebHookEventType.SmsDelivered;
    const { id } = await api().registerWebhook({ url, event });
    expect(await api().getWebhooks()).toEqual([{ id, deviceId: null, url, event }]);
    const sent = await api().send(message());
    const told = () =>
      receiver.received
        .map(({ body }) => JSON.parse(body) as { payload: { messageId: string } })
        .find(({ payload }) => payload.messageId === sent.id);
    await waitUntil('the delivery', () => told() !== undefined);
    expect(told()).toMatchObject({ webhookId: id, event, payload: { phoneNumber: delivered } });
    await api().deleteWebhook(id ?? '');
    expect(await api().getWebhooks()).toEqual([]);
  });

  it('comes with a token instead of a name and password', async () => {
    const { access_token: token } = await request<{ access_token: string }>(
      'POST',
      `${gateway.url}/smsgate${base}/auth/token`,
      { authorization: `Basic ${btoa(`${login}:${password}`)}` },
      { scopes: ['messages:send', 'messages:read'], ttl: 3600 },
    );
    const bearer = clientAt(base, '', token);
    const { id } = await bearer.send(message());
    expect(await bearer.getState(id)).toMatchObject({ id });
    await expect(bearer.getDevices()).rejects.toMatchObject({
      status: 403,
      message: 'scope required: devices:list',
    });
  });
});

describe('android-sms-gateway and a phone', () => {
  const api = () => clientAt('/3rdparty/v1');
  let phone: FakePhone;
  beforeAll(async () => {
    phone = new FakePhone({ base: `${gateway.url}/api/mobile/v1`, hooksAt: gateway.url });
    await phone.register(`Basic ${btoa(`${login}:${password}`)}`);
    await phone.start();
  });

  it('sends by it', async () => {
    const { id } = await api().send(message({ simNumber: 1 }));
    await waitUntil('it is in the phone', async () => (await phone.pull()).length > 0);
    expect((await api().getState(id)).state).toBe(ProcessState.Pending);
    await phone.work();
    expect((await api().getState(id)).state).toBe(ProcessState.Delivered);
  });

  it('hears what it receives', async () => {
    const event = WebHookEventType.SmsReceived;
    const url = `${receiver.url}/in`;
    const { id } = await api().registerWebhook({ url, event, deviceId: phone.id });
    await phone.receive(delivered, 'Yes', { recipient: '+61491570157' });
    const told = () => receiver.received.find(({ path }) => path.endsWith('/in'));
    await waitUntil('the reply', () => told() !== undefined);
    expect(JSON.parse(told()?.body ?? '')).toMatchObject({
      webhookId: id,
      event,
      deviceId: phone.id,
      payload: { message: 'Yes', phoneNumber: delivered },
    });
    expect(told()?.headers['x-signature']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('lists it, and asks it for what was lost', async () => {
    const [shown] = await api().getDevices();
    expect(shown).toMatchObject({ id: phone.id, name: 'Google/sdk_gphone64_x86_64' });
    const since = new Date(Date.now() - 3_600_000);
    await api().exportInbox({ deviceId: phone.id, since, until: new Date() });
  });

  it('writes its settings', async () => {
    await api().patchSettings({ ping: { interval_seconds: 120 } } as object);
    await api().updateSettings({ messages: { sim_selection_mode: 'Random' } } as object);
    expect(await api().getSettings()).toMatchObject({
      messages: { sim_selection_mode: SimSelectionMode.Random },
    });
    await phone.sync();
    expect(phone.settings['messages']).toMatchObject({ sim_selection_mode: 'Random' });
    // The client has other names for the keys than its server, which passes them over.
    await api().patchSettings({ messages: { limitValue: 200 } });
  });

  it('removes it', async () => {
    await api().deleteDevice(phone.id);
    expect(await api().getDevices()).toEqual([]);
    await expect(api().deleteDevice(phone.id)).rejects.toMatchObject({ status: 404 });
  });
});
