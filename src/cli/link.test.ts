import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Stage } from './testkit/stage.ts';
import { createStage, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ configured: ['test', 'spare'] });
  await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
});
afterEach(() => stage.close());

it('lists the links with what each has under way', async () => {
  const send = 'send shop --sender CompanyABC --text Hi';
  await stage.did(`${send} --to 0412345678`);
  await stage.world.clock.advance(1000);
  await stage.did(`${send} --to 0412345679 --to 0412345670 --at "2026-03-02 00:00:00"`);
  const came = await stage.run('link list');
  expect(came.out).toBe(
    lines(`
      LINK   TRANSPORT  LOST ANSWER  SCHEDULED  QUEUED  SENDING  SENT
      test   sandbox    unknown              2       0        0     1
      spare  sandbox    unknown              0       0        0     0
    `),
  );
  expect(came.err).toBe('');
  expect(JSON.parse((await stage.run('link list --json')).raw)).toMatchObject({
    items: [
      { id: 'test', transport: 'sandbox', counts: { scheduled: 2, sent: 1 } },
      { counts: {} },
    ],
  });
});

it('shows the links that only messages name', async () => {
  await stage.did('send shop --sender CompanyABC --text Hi --to 0412345678');
  await stage.world.clock.advance(1000);
  stage.configured.splice(0, 1);
  const came = await stage.run('link list');
  expect(came.out).toBe(
    lines(`
      LINK   TRANSPORT         LOST ANSWER  SCHEDULED  QUEUED  SENDING  SENT
      spare  sandbox           unknown              0       0        0     0
      test   (not configured)  -                    0       0        0     1
    `),
  );
  expect(came.err).toBe('Not in the configuration any more: test.');
});
