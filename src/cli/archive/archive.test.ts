import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededIds } from '../../../test/support/seeded-ids.ts';
import { diskStore } from '../../archive/disk.ts';
import { Archiver } from '../../core/archive/archiver.ts';
import type { Account } from '../../core/accounts/account.ts';
import type { NodeId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Stage } from '../testkit/stage.ts';
import { createStage, lines } from '../testkit/stage.ts';

const day = 86_400_000;

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did(
    'account create shop --credit 10',
    'account create club --credit 10',
    'sender add shop Shop',
    'sender add club Club',
    'send shop --to 0412345678 --sender Shop --text "Your parcel is here"',
    'send club --to 0498765432 --sender Club --text Welcome',
    'reply send --from 0498765432 --to +61480000009 --text "Thanks\u009b2J"',
  );
});
afterEach(() => stage.close());

/** Ends all messages, and archives them and all replies as if it were a day later. */
async function archiveAll(): Promise<void> {
  const { clock, storage, place, gateway } = stage.world;
  await clock.settle();
  for (const name of ['shop', 'club']) {
    const account = (await gateway.owner.findAccount(name)) as Account;
    const search = { accountId: account.id, limit: 10, offset: 0 };
    for (const message of await storage.read.messages.search(search)) {
      const ended: Message = { ...message, status: 'unknown', doneAt: clock.now() };
      await storage.write((tx) => tx.messages.save([ended], { from: message.status }));
    }
  }
  const archiver = new Archiver({
    storage,
    store: diskStore(path.join(place.data, 'archive')),
    clock,
    ids: seededIds(clock, 'archiver'),
    nodeId: 'archiver' as NodeId,
  });
  const cuts = { messages: clock.now() + day, replies: clock.now() + day };
  while (await archiver.round(cuts));
}

describe('parlance archive', () => {
  it('says so when there is nothing', async () => {
    expect((await stage.run('archive list')).err).toBe('Nothing has been archived of that.');
    expect((await stage.run('archive search --account shop')).err).toBe(
      'There is nothing of that in the archive.',
    );
  });

  it('lists files, by account and day', async () => {
    await archiveAll();
    const { out } = await stage.run('archive list --from 2026-03-01 --until 2026-03-01');
    expect(out.replace(/\d+( +disk)/g, 'n$1')).toBe(
      lines(`
        DAY         WHAT      ROWS  ACCOUNTS  BYTES  ON    FILE
        2026-03-01  messages     2         2    n  disk  <id>................................
        2026-03-01  replies      1         1    n  disk  <id>................................
      `),
    );
    expect((await stage.did('archive list --account shop')).out.trim().split('\n')).toHaveLength(2);
    expect((await stage.run('archive list --day 2026-03-02')).out).toBe('');
  });

  it('reads a file as it stands there, for any terminal', async () => {
    await archiveAll();
    const { raw } = await stage.did('archive list --kind replies --json');
    const [file] = (JSON.parse(raw) as { items: { id: string }[] }).items;
    const read = (await stage.did(`archive read ${file?.id}`)).raw;
    expect(read).not.toContain('\u009b');
    expect(JSON.parse(read)).toMatchObject({ reply: { text: 'Thanks\u009b2J' } });
    const none = await stage.run('archive read 00000000-0000-7000-8000-000000000000');
    expect(none.err).toContain('There is no file');
    expect(none.code).toBe(1);
  });

  it('searches by account, number, day and id', async () => {
    await archiveAll();
    expect((await stage.run('archive search --account shop')).out).toBe(
      lines(`
        ID                                    TIME (UTC)           ACCOUNT  FROM  TO            STATUS   TEXT
        <id>................................  2026-03-01 00:00:00  shop     Shop  +61412345678  unknown  Your parcel is here
      `),
    );
    const { raw } = await stage.did('archive search --number 0498765432 --json');
    const { items } = JSON.parse(raw) as { items: Record<string, { id: string }>[] };
    expect(items).toMatchObject([
      { account: 'club', message: { to: '+61498765432', text: 'Welcome', price: 1 } },
      { reply: { from: '+61498765432' } },
    ]);
    const one = await stage.did(`archive search --id ${items[0]?.['message']?.id} --json`);
    expect(JSON.parse(one.raw)).toMatchObject({ items: [items[0]], more: false });
    expect((await stage.run('archive search --day 2026-03-02')).out).toBe('');
    expect((await stage.run('archive search --day yesterday')).code).toBe(2);
    const page = await stage.did('archive search --limit 1 --offset 1 --json');
    expect(JSON.parse(page.raw)).toMatchObject({ items: [items[0]], more: true });
  });

  it('erases texts, of whom it must be said', async () => {
    await archiveAll();
    const { out } = await stage.run('archive erase --number 0498765432');
    expect(out).toBe('2 texts erased. That there were messages, and what they cost, stays.');
    expect((await stage.run('archive erase --number 0498765432')).out).toBe(
      'There is no text of that in the archive.',
    );
    const { raw } = await stage.did('archive search --json');
    const { items } = JSON.parse(raw) as { items: { message?: { text: string } }[] };
    expect(items.map(({ message }) => message?.text)).toEqual([
      'Your parcel is here',
      '',
      undefined,
    ]);
    const nobody = await stage.run('archive erase --day 2026-03-01');
    expect(nobody.code).toBe(2);
    expect(nobody.err).toContain('Say whose texts');
  });
});
