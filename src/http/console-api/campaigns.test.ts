import { request } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { Person, Stage } from './testkit/stage.ts';
import { createStage } from './testkit/stage.ts';
import { consolePrefix } from './index.ts';
import { ownHeader } from './same-site.ts';

let stage: Stage;
let shop: WorldAccount;
let boss: Person;
beforeEach(async () => {
  stage = await createStage({ dispatch: true, campaigns: { fileBytes: 1_000_000 } });
  shop = await stage.world.account({ name: 'shop', credits: 1_000 });
  boss = await stage.person('operator', shop.account);
});
afterEach(() => stage.close());

const definition = { name: 'Sale', sender: 'CompanyABC', text: 'Hello {{name}}' };
const rows = (count: number): string =>
  `to,name\n${Array.from({ length: count }, (_, at) => `04${10_000_000 + at},Ann ${at}\n`).join('')}`;

const create = async (who = boss): Promise<string> => {
  const { status, body } = await who.post('/campaigns', definition);
  expect(status).toBe(201);
  return (body as { id: string }).id;
};

/** The file as it is, past what makes bodies JSON. */
const upload = async (id: string, file: string, who = boss) => {
  const answer = await stage.world.inject({
    method: 'POST',
    url: `${consolePrefix}/campaigns/${id}/file`,
    headers: { cookie: who.cookie, [ownHeader]: '1', 'content-type': 'text/csv' },
    payload: file,
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
};

it('is made, given its file, tried, started and followed', async () => {
  const id = await create();
  expect(await upload(id, `${rows(3)},Bob\n12,Eve\n`)).toMatchObject({
    status: 200,
    body: { state: 'ready', rows: 5, broken: 1, left: 4, columns: ['to', 'name'] },
  });
  expect((await boss.get(`/campaigns/${id}/estimate`)).body).toMatchObject({
    messages: 3,
    parts: 3,
    price: 3,
    balance: 1_000,
    refused: [{ code: 'number_invalid', rows: 1, line: 6 }],
  });
  expect((await boss.post(`/campaigns/${id}/test`, { to: ['0499999999'] })).body).toMatchObject({
    messages: [{ to: '+61499999999', text: 'Hello Ann 0', error: null }],
  });
  expect((await boss.post(`/campaigns/${id}/start`)).body).toMatchObject({ state: 'running' });
  await stage.world.clock.advance(2_000);
  expect((await boss.get(`/campaigns/${id}`)).body).toMatchObject({
    state: 'done',
    messages: 3,
    refused: 1,
    progress: { share: 1 },
  });
  expect((await boss.get(`/campaigns/${id}/errors`)).body).toEqual({
    errors: [
      { line: 5, code: 'field_invalid', detail: 'The row has no number.', number: null },
      { line: 6, code: 'number_invalid', detail: "'12' is not a phone number.", number: '12' },
    ],
    next: null,
  });
  const file = await boss.get(`/campaigns/${id}/errors.csv`);
  expect(file.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(String(file.body).split('\r\n')).toHaveLength(4);
  const { body } = await boss.get('/campaigns?state=done');
  expect(body).toMatchObject({ campaigns: [{ id }], more: false });
  const admin = await stage.person('admin', shop.account);
  const { entries } = (await admin.get('/audit')).body as { entries: { action: string }[] };
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['campaign.create', 'campaign.schedule']),
  );
});

it('is scheduled, paused, resumed and aborted', async () => {
  const id = await create();
  await upload(id, rows(3));
  const at = new Date(stage.world.clock.now() + 3_600_000).toISOString();
  const start = { at, batch: { size: 1_000, everySeconds: 600 } };
  expect((await boss.post(`/campaigns/${id}/start`, start)).body).toMatchObject({
    state: 'scheduled',
    scheduledAt: at,
    batch: { size: 1_000, everySeconds: 600 },
  });
  for (const [what, state] of [
    ['pause', 'paused'],
    ['resume', 'scheduled'],
    ['abort', 'aborted'],
  ] as const) {
    expect((await boss.post(`/campaigns/${id}/${what}`)).body).toMatchObject({ state });
  }
  expect((await boss.post(`/campaigns/${id}/resume`)).status).toBe(400);
});

it('is nobody else’s, and who only looks changes nothing', async () => {
  const id = await create();
  const rival = await stage.person('owner', (await stage.world.account()).account);
  expect((await rival.get(`/campaigns/${id}`)).status).toBe(404);
  expect((await rival.post(`/campaigns/${id}/abort`)).status).toBe(404);
  expect((await upload(id, rows(1), rival)).status).toBe(404);
  const viewer = await stage.person('viewer', shop.account);
  expect((await viewer.get(`/campaigns/${id}`)).status).toBe(200);
  expect((await viewer.post('/campaigns', definition)).status).toBe(403);
  expect((await upload(id, rows(1), viewer)).status).toBe(403);
});

it.each([
  [{ ...definition, name: '' }, 'name'],
  [{ ...definition, tags: ['a', 'b', 'c', 'd'] }, 'tags'],
  [{ ...definition, text: undefined }, 'text'],
  [{ ...definition, more: 1 }, undefined],
])('%j is refused', async (wanted, field) => {
  const { status, body } = await boss.post('/campaigns', wanted);
  expect(status).toBe(400);
  if (field !== undefined) expect(body).toMatchObject({ error: { field } });
});

it('a file that is too large, or none for it, is refused, and which says why', async () => {
  const large = await create();
  expect(await upload(large, 'x'.repeat(1_000_001))).toMatchObject({
    status: 413,
    body: { error: { code: 'body_too_large' } },
  });
  const other = await create();
  expect(await upload(other, 'a,b\n1,2\n')).toMatchObject({
    status: 400,
    body: { error: { message: "Say which column has the numbers; it has 'a', 'b'." } },
  });
  expect((await boss.get(`/campaigns/${other}`)).body).toMatchObject({ state: 'failed' });
});

it('an account has two files on their way at once, and none keeps a node from stopping', async () => {
  const url = new URL(await stage.world.listen());
  const sends = async () => {
    const id = await create();
    const status = new Promise<number | undefined>((resolve) => {
      const asked = request(
        {
          port: url.port,
          method: 'POST',
          path: `${consolePrefix}/campaigns/${id}/file`,
          headers: { cookie: boss.cookie, [ownHeader]: '1', host: url.host },
        },
        (answer) => {
          resolve(answer.statusCode);
          asked.destroy();
        },
      );
      asked.on('error', () => {});
      asked.write(rows(5_000));
    });
    return { id, status };
  };
  const two = [await sends(), await sends()];
  for (const { id } of two) {
    await waitUntil('it comes in', async () => {
      const { body } = await boss.get(`/campaigns/${id}`);
      return (body as { rows: number }).rows >= 4_000;
    });
  }
  expect(await (await sends()).status).toBe(429);
  const server = await stage.world.server();
  await Promise.all([
    server.close(),
    ...two.map(async ({ status }) => expect(await status).toBe(503)),
  ]);
});

it('a file whose client goes away can come again', async () => {
  const url = new URL(await stage.world.listen());
  const id = await create();
  const file = rows(4_000);
  await new Promise<void>((resolve) => {
    const asked = request({
      port: url.port,
      method: 'POST',
      path: `${consolePrefix}/campaigns/${id}/file`,
      headers: {
        cookie: boss.cookie,
        [ownHeader]: '1',
        host: url.host,
        'content-length': file.length,
      },
    });
    asked.on('error', () => resolve());
    asked.write(file.slice(0, 60_000), () => setTimeout(() => asked.destroy(), 50));
  });
  await waitUntil('it is noticed', () =>
    stage.world.log.lines.some((line) => line.includes('body_incomplete')),
  );
  expect((await boss.get(`/campaigns/${id}`)).body).toMatchObject({ state: 'importing' });
  expect((await upload(id, file)).body).toMatchObject({ state: 'ready', rows: 4_000 });
});
