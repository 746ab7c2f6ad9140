import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';

describe('where the owner has chosen the status that was observed', () => {
  let world: World;
  beforeAll(async () => {
    const mounts = { smsmobileapi: { hosts: [], port: null, errors: 'observed' } };
    world = await createWorld({ http: { mounts } });
  });
  afterAll(() => world.close());
  const status = async (url: string, headers = {}) =>
    (await world.inject({ method: 'GET', url: `/smsmobileapi${url}`, headers })).statusCode;

  it('a key that nobody has is answered so, too', async () => {
    const answer = await world.inject({
      method: 'GET',
      url: '/smsmobileapi/getsms/?apikey=nobody',
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ result: { error: 1, sent: 'no' } });
    expect(await status('/getsms/')).toBe(200);
    expect(await status('/conversation/sms/list/?apikey=nobody')).toBe(200);
  });

  it('a token that is over is not, for its client fetches another by that; nor an unknown path', async () => {
    expect(await status('/getsms/', { authorization: 'Bearer nobody' })).toBe(401);
    expect(await status('/nothing')).toBe(404);
  });

  it('an account has its own way', async () => {
    const wish = { dialect: 'smsmobileapi', kind: 'api_key' } as const;
    const usual = await world.account(wish);
    const own = await world.account({ ...wish, settings: { errors: 'documented' } });
    expect(await status(`/sendsms/?apikey=${encodeURIComponent(usual.password)}`)).toBe(200);
    expect(await status(`/sendsms/?apikey=${encodeURIComponent(own.password)}`)).toBe(400);
  });
});
