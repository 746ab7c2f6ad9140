import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LinkId, NodeId } from '../core/ids.ts';
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
      LINK   TRANSPORT  STATE     LOST ANSWER  HELD BY  SCHEDULED  QUEUED  SENDING  SENT
      test   sandbox    not held  unknown      -                2       0        0     1
      spare  sandbox    not held  unknown      -                0       0        0     0
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
      LINK   TRANSPORT         STATE     LOST ANSWER  HELD BY  SCHEDULED  QUEUED  SENDING  SENT
      spare  sandbox           not held  unknown      -                0       0        0     0
      test   (not configured)  -         -            -                0       0        0     1
    `),
  );
  expect(came.err).toBe('Not in the configuration any more: test.');
});

it('shows who holds them now', async () => {
  const { clock, storage } = stage.world;
  const now = clock.now();
  const hold = (nodeId: string, links: string[], until: number) =>
    storage.write(async (tx) => {
      const wishes = links.map((linkId) => ({ linkId: linkId as LinkId, slots: 2 }));
      await tx.linkHolders.hold(wishes, { nodeId: nodeId as NodeId, now, until });
    });
  await storage.write((tx) =>
    tx.nodes.seen({
      id: 'a' as NodeId,
      name: 'host/17',
      roles: ['dispatch'],
      version: '1.2.3',
      home: 'a folder',
      startedAt: now,
      seenAt: now,
    }),
  );
  await hold('a', ['test'], now + 1);
  await hold('unknown', ['test', 'gone'], now + 1);
  await hold('dead', ['spare'], now);
  expect((await stage.run('link list')).out).toBe(
    lines(`
      LINK   TRANSPORT  STATE     LOST ANSWER  HELD BY           SCHEDULED  QUEUED  SENDING  SENT
      test   sandbox    -         unknown      host/17, unknown          0       0        0     0
      spare  sandbox    not held  unknown      -                         0       0        0     0
    `),
  );
  expect(JSON.parse((await stage.run('link list --json')).raw)).toMatchObject({
    items: [
      {
        id: 'test',
        heldBy: [
          { id: 'a', name: 'host/17' },
          { id: 'unknown', name: null },
        ],
      },
      { id: 'spare', heldBy: [] },
    ],
  });
});

it('shows what their holders say of them', async () => {
  const { clock, storage } = stage.world;
  const now = clock.now();
  const node = (name: string) => name as NodeId;
  const wishes = ['test', 'spare'].map((id) => ({ linkId: id as LinkId, slots: 2 }));
  const said = { demotedSince: null, receipts: null, failures: null };
  const [test, spare] = wishes.map(({ linkId }) => linkId) as [LinkId, LinkId];
  await storage.write(async (tx) => {
    for (const name of ['a', 'b']) {
      await tx.linkHolders.hold(wishes, { nodeId: node(name), now, until: now + 60_000 });
    }
    const judged = { demotedSince: now - 200_000, receipts: 200, failures: 124 };
    await tx.linkHolders.tell(node('a'), [
      { linkId: test, state: 'down', since: now - 40_000, ...judged },
      { linkId: spare, state: 'starting', since: now - 5_000, ...said },
    ]);
    await tx.linkHolders.tell(node('b'), [
      { linkId: test, state: 'up', since: now - 90_000, ...said },
    ]);
  });
  const { out } = await stage.run('link list');
  const states = out.split('\n').map((line) => line.slice(18, 70).trimEnd());
  expect(states[1]).toContain('up, demoted for 3m (124 of 200 receipts bad)');
  expect(states[2]).toContain('starting for 5s');
  expect(JSON.parse((await stage.run('link list --json')).raw)).toMatchObject({
    items: [
      {
        id: 'test',
        state: 'up',
        since: '2026-02-28T23:58:30.000Z',
        demotedSince: '2026-02-28T23:56:40.000Z',
        receipts: 200,
        badReceipts: 124,
      },
      { id: 'spare', state: 'starting', demotedSince: null, receipts: null },
    ],
  });
});
