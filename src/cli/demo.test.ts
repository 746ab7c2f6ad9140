import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';
import { mobilemessage } from '../dialects/mobilemessage/index.ts';
import { mobtexting } from '../dialects/mobtexting/index.ts';
import type { Country } from '../text/phone-number.ts';
import { makeDemoAccounts } from './demo.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ dialects: [mobtexting, mobilemessage] });
  await makeDemoAccounts(world.gateway, [mobtexting, mobilemessage], {
    homeCountry: 'NZ' as Country,
    allowedCountries: ['NZ' as Country],
    pricePerPart: 1,
    refund: 'never',
    duplicateWindowSeconds: 0,
  });
});
afterEach(() => world.close());

it('takes the countries of the configuration, unless a dialect’s samples are of others', async () => {
  const { owner } = world.gateway;
  expect(await owner.accountNamed('demo-mobtexting')).toMatchObject({
    homeCountry: 'IN',
    allowedCountries: ['IN', 'AU'],
  });
  expect(await owner.accountNamed('demo-mobilemessage')).toMatchObject({
    homeCountry: 'NZ',
    allowedCountries: ['NZ'],
  });
});

it.each(['918921269123', '8921269123', '61491570156'])(
  'MobTexting’s samples are taken with its token: to %s',
  async (to) => {
    const ask = (method: 'GET' | 'POST', path: string, payload?: object) =>
      world.inject({
        method,
        url: `/mobtexting/api/v2/sms/${path}`,
        headers: { authorization: 'Bearer demo-access-token', accept: 'application/json' },
        ...(payload && { payload }),
      });
    const wish = { sender: 'TXTSMS', to, service: 'T', message: 'Your OTP is 123456' };
    const sent = await ask('POST', 'send', wish);
    const [{ mobile, charges }] = sent.json<{ data: [{ mobile: string; charges: number }] }>().data;
    expect({ mobile, charges }).toEqual({ mobile: to.length > 10 ? to : `91${to}`, charges: 1 });
    const found = await ask('GET', `status?mobile=${to}`);
    expect(found.json<{ data: object[] }>().data).toHaveLength(1);
  },
);
