import { afterEach, expect, it } from 'vitest';
import { FakePhone } from '../../../test/peers/phone/phone.ts';
import { createPhoneWorld } from '../../../test/support/phone-world.ts';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { smsgate } from './index.ts';

let world: World;
afterEach(() => world.close());

const message = { textMessage: { text: 'Hello' }, phoneNumbers: ['+61491570156'] };

it.each(['/3rdparty/v1', '/api/3rdparty/v1'])(
  'stands at the root of its own host name, too: %s',
  async (base) => {
    const mounts = { smsgate: { hosts: ['sms.example.org'], port: null } };
    world = await createWorld({ dialects: [smsgate], dispatch: false, http: { mounts } });
    const { authorization } = await world.account({ dialect: 'smsgate' });
    const headers = { host: 'sms.example.org', authorization };
    const sent = await world.inject({
      method: 'POST',
      url: `${base}/messages`,
      headers,
      payload: message,
    });
    expect(sent.statusCode).toBe(202);
    // Where it says that its state is, it is, whichever host is asked.
    const { location } = sent.headers;
    expect(location).toBe(`/smsgate${base}/messages/${sent.json<{ id: string }>().id}`);
    for (const host of ['sms.example.org', 'other.example.org']) {
      const shown = await world.inject({ url: location as string, headers: { ...headers, host } });
      expect(shown.json()).toEqual(sent.json());
    }
  },
);

it('leaves the phones alone that have the same host name', async () => {
  const mounts = { smsgate: { hosts: ['127.0.0.1'], port: null } };
  world = await createPhoneWorld({ dialects: [smsgate], http: { mounts } });
  const { authorization } = await world.account({ dialect: 'smsgate' });
  const url = await world.listen();
  // As users type it in, who have a slash too many.
  const phone = new FakePhone({ base: `${url}/api/mobile/v1/`, hooksAt: url });
  expect((await phone.register(authorization)).status).toBe(201);
  await phone.start();
  expect(phone.refused).toEqual([]);
  const shown = await fetch(`${url}/api/3rdparty/v1/devices`, { headers: { authorization } });
  expect(await shown.json()).toMatchObject([{ id: phone.id }]);
});
