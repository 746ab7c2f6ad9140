import { afterEach, beforeEach, expect, it } from 'vitest';
import type { World } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';
import { ownerActor } from '../core/audit/entry.ts';
import type { NodeId } from '../core/ids.ts';
import type { Mail } from '../core/ports/mailer.ts';
import { MailRefused } from '../core/ports/mailer.ts';
import { mailWorker } from './mail.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld({ dispatch: false });
});
afterEach(() => world.close());

it('sends what is posted, comes back to what failed, and says what is given up', async () => {
  const sent: Mail[] = [];
  let error: Error | undefined = new Error('connect ECONNREFUSED');
  const send = async (mail: Mail) => {
    if (error) throw error;
    sent.push(mail);
  };
  const { clock, log, gateway } = world;
  const nodeId = 'a node' as NodeId;
  const worker = mailWorker(gateway.users.post, { send }, { nodeId, clock, log: log.logger });
  worker.start();
  const invite = (email: string) =>
    gateway.users.book.invite({ actor: ownerActor, role: 'owner' }, null, {
      email,
      name: 'Ann',
      role: 'viewer',
    });
  await invite('ann@shop.example');
  await clock.advance(2_000);
  expect(sent).toEqual([]);
  error = undefined;
  await clock.advance(10_000);
  expect(sent).toMatchObject([{ to: 'ann@shop.example' }]);
  error = new MailRefused('550 no such mailbox');
  await invite('bob@shop.example');
  await clock.advance(2_000);
  await worker.stop();
  const warned = log.lines.filter((line) => line.includes('a mail could not be delivered'));
  expect(warned).toHaveLength(1);
  expect(warned[0]).toContain('550 no such mailbox');
  // Neither to whom nor what it said.
  expect(log.lines.join()).not.toMatch(/bob@|activation=/);
});
