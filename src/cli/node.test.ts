import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LinkId, NodeId } from '../core/ids.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

it('says that nobody serves', async () => {
  const came = await stage.run('node list');
  expect(came).toMatchObject({
    code: 0,
    out: '',
    err: 'Nobody serves: start `parlance serve`.',
  });
});

it('lists who serves, since when, when he was seen, and what he holds', async () => {
  const { clock, storage } = stage.world;
  const now = clock.now();
  const node = (id: string, seenAgo: number, roles: string[]) => ({
    id: id as NodeId,
    name: `host/${id}`,
    roles,
    version: '1.2.3',
    home: 'a folder',
    startedAt: now - 100_000,
    seenAt: now - seenAgo,
  });
  const hold = (nodeId: string, until: number) =>
    storage.write((tx) =>
      tx.linkHolders.hold(
        ['one', 'two'].map((linkId) => ({ linkId: linkId as LinkId, slots: 2 })),
        { nodeId: nodeId as NodeId, now, until },
      ),
    );
  await storage.write(async (tx) => {
    await tx.nodes.seen(node('a', 4_900, ['api', 'dispatch']));
    await tx.nodes.seen(node('b', 90_000, []));
  });
  await hold('a', now + 1);
  await hold('b', now);
  expect((await stage.run('node list')).out).toBe(
    lines(`
      ID  NAME    ROLES          VERSION  STARTED (UTC)        SEEN    LINKS
      a   host/a  api, dispatch  1.2.3    2026-02-28 23:58:20  4s ago  one, two
      b   host/b  -              1.2.3    2026-02-28 23:58:20  1m ago  -
    `),
  );
  expect(JSON.parse((await stage.run('node list --json')).raw)).toMatchObject({
    items: [
      {
        id: 'a',
        name: 'host/a',
        roles: ['api', 'dispatch'],
        version: '1.2.3',
        startedAt: '2026-02-28T23:58:20.000Z',
        seenAt: '2026-02-28T23:59:55.100Z',
        links: ['one', 'two'],
      },
      { id: 'b', links: [] },
    ],
  });
});
