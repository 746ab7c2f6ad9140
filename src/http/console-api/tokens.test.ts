import { afterEach, beforeEach, expect, it } from 'vitest';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { Person, Stage } from './testkit/stage.ts';
import { createStage } from './testkit/stage.ts';

let stage: Stage;
let shop: WorldAccount;
let boss: Person;
beforeEach(async () => {
  stage = await createStage();
  shop = await stage.world.account({ name: 'shop' });
  boss = await stage.person('owner', shop.account);
});
afterEach(() => stage.close());

interface Token {
  id: string;
  username: string | null;
  secret: string;
}
const made = async (wanted: object) => {
  const { status, body } = await boss.post('/tokens', wanted);
  expect(status).toBe(201);
  return body as Token;
};
const works = async ({ username, secret }: Pick<Token, 'username' | 'secret'>) => {
  const login = Buffer.from(`${username}:${secret}`).toString('base64');
  const answer = await stage.world.inject({
    url: '/mobilemessage/v1/account',
    headers: { authorization: `Basic ${login}` },
  });
  return answer.statusCode === 200;
};

it('a token is shown once, works, and is revoked', async () => {
  const token = await made({ api: 'mobilemessage', label: 'the till' });
  expect(token).toMatchObject({ kind: 'basic', label: 'the till', revokedAt: null, allow: null });
  expect(await works(token)).toBe(true);
  const { body } = await boss.get('/tokens');
  expect(JSON.stringify(body)).not.toContain(token.secret);
  expect(body).toMatchObject({
    tokens: [{ username: shop.username }, { id: token.id, username: token.username }],
  });
  expect((await boss.ask('DELETE', `/tokens/${token.id}`)).status).toBe(204);
  expect(await works(token)).toBe(false);
  expect((await boss.ask('DELETE', `/tokens/${token.id}`)).status).toBe(404);
});

it('nobody else’s token is there', async () => {
  const rival = await stage.person('owner', (await stage.world.account()).account);
  const token = await made({ api: 'mobilemessage' });
  expect((await rival.ask('DELETE', `/tokens/${token.id}`)).status).toBe(404);
  expect(JSON.stringify((await rival.get('/tokens')).body)).not.toContain(token.id);
  expect(await works(token)).toBe(true);
});

it('where an API keeps a list of addresses, the token has it, and nothing else of what is the owner’s', async () => {
  const token = await made({ api: 'smpp', allow: ['192.0.2.0/24'] });
  const [stored] = (await stage.world.gateway.credentialsOf(shop.account.id)).filter(
    ({ id }) => id === token.id,
  );
  expect(stored?.settings).toEqual({ allow: ['192.0.2.0/24'] });
  expect(token).toMatchObject({ allow: ['192.0.2.0/24'] });
  const { body } = await boss.get('/tokens');
  const { apis } = body as { apis: { name: string; allow: boolean }[] };
  expect(apis.find(({ name }) => name === 'smpp')?.allow).toBe(true);
  expect(apis.find(({ name }) => name === 'mobilemessage')?.allow).toBe(false);
});

it.each([
  [{ api: 'nothing' }, 'api'],
  [{ api: 'mobilemessage', kind: 'hmac' }, 'kind'],
  [{ api: 'mobilemessage', allow: ['192.0.2.1'] }, 'allow'],
  [{ api: 'smpp', allow: ['everywhere'] }, 'allow'],
  [
    {
      api: 'smpp',
      username: 'much-too-long-a-system-id-for-anything-x'.repeat(1) + 'y'.repeat(30),
    },
    'username',
  ],
  [{ api: 'mobilemessage', username: 'a:b' }, 'username'],
  [{ api: 'mobilemessage', label: '\u0000' }, 'label'],
])('%j is refused', async (wanted, field) => {
  expect(await boss.post('/tokens', wanted)).toMatchObject({
    status: 400,
    body: { error: { field } },
  });
});

it('a user name is had once', async () => {
  await made({ api: 'mobilemessage', username: 'till' });
  expect((await boss.post('/tokens', { api: 'mobilemessage', username: 'till' })).status).toBe(409);
});
