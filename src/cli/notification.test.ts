import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { startReceiver } from '../../test/support/webhook-receiver.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage, idIn, lines } from './testkit/stage.ts';

let stage: Stage;
let receiver: WebhookReceiver;
let status = 500;
beforeEach(async () => {
  status = 500;
  receiver = await startReceiver((_request, response) => {
    response.statusCode = status;
    response.end(status === 500 ? 'out of order' : '');
  });
  stage = await createStage({ notify: true });
  await stage.did(
    'account create shop',
    'account set shop --setting mobilemessage.webhookRetries=[60]',
    'sender add shop 61480000001',
    `webhook set shop --dialect mobilemessage --topic inbound --url ${receiver.url}`,
  );
});
afterEach(async () => {
  await stage.close();
  await receiver.close();
});

const reply = 'reply send --from 0412345678 --to 61480000001 --text Yes';

const statusesBecome = async (...wanted: string[]): Promise<void> => {
  await waitUntil(`notifications are ${wanted.join(', ')}`, async () => {
    await stage.world.clock.advance(100);
    const { raw } = await stage.did('notification list shop --json');
    const { items } = JSON.parse(raw) as { items: { status: string; tries: unknown[] }[] };
    return items.map((item) => `${item.status} ${item.tries.length}`).join() === wanted.join();
  });
};

describe('parlance notification', () => {
  it('lists what was told with its last answer, and tells again what failed', async () => {
    await stage.did(reply);
    await statusesBecome('pending 1');
    await stage.world.clock.advance(61_000);
    await statusesBecome('failed 2');
    const list = await stage.run('notification list shop --status failed');
    expect(list.out.replaceAll(/2026-\S+ \S+/g, '<time>')).toBe(
      lines(`
        ID                                    SINCE (UTC)          EVENT           ABOUT              WEBHOOK                STATUS  TRIES  LAST ANSWER
        <id>................................  <time>  reply.received  from +61412345678  mobilemessage inbound  failed      2  HTTP 500: out of order
      `),
    );
    expect((await stage.run('notification list shop --status delivered')).err).toBe(
      "There are no such notifications for 'shop'.",
    );

    status = 200;
    expect((await stage.run('notification replay --failed shop')).out).toBe(
      '1 notification will be told again by the serving process.',
    );
    await statusesBecome('delivered 3');
    expect(receiver.received).toHaveLength(3);
    expect(await stage.run('notification replay --failed shop')).toMatchObject({
      code: 1,
      err: "parlance: 'shop' has no failed notifications.",
    });
  });

  it('replays by id, but nothing that is not finished', async () => {
    await stage.did(reply);
    await statusesBecome('pending 1');
    const pending = idIn(await stage.did('notification list shop'));
    const line = `notification replay ${pending} 019a2b3c-0000-7000-8000-000000000000`;
    expect(await stage.run(line)).toMatchObject({
      code: 1,
      out: lines(`
        0 notifications will be told again by the serving process.
        2 others left alone: not finished yet, or not there.
      `),
    });
  });

  it('finds by message and page', async () => {
    await stage.did(
      'account topup shop 10',
      `webhook set shop --dialect mobilemessage --topic status --url ${receiver.url}`,
    );
    const id = idIn(await stage.did('send shop --to 0412345678 --sender 61480000001 --text Hi'));
    await stage.world.clock.advance(1000);
    await stage.world.link.receipt('delivered', { at: stage.world.clock.now() });
    await stage.did(reply, reply);
    const about = await stage.did(`notification list shop --message ${id} --json`);
    expect(JSON.parse(about.raw)).toMatchObject({
      items: [{ event: 'message.delivered', about: id, webhook: 'mobilemessage status' }],
    });
    const page = await stage.did('notification list shop --status pending --limit 2 --json');
    expect(JSON.parse(page.raw)).toMatchObject({ items: { length: 2 }, more: true });
    const rest = await stage.did('notification list shop --status pending --offset 2 --json');
    expect(JSON.parse(rest.raw)).toMatchObject({ items: { length: 1 }, more: false });
  });

  it.each([
    ['notification replay', 'Name notifications by their ids, or an account with --failed.'],
    ['notification replay x', "'x' cannot be <ids>. It must be an id as the lists show it"],
    ['notification list shop --status sent', 'Allowed choices are pending, delivered, failed.'],
  ])('%s is wrong usage', async (line, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code: 2, out: '' });
    expect(came.err).toContain(err);
  });
});
