import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestStorage } from '../../../test/support/storage.ts';
import type { TestStorage } from '../../../test/support/storage.ts';
import { testVault } from '../../../test/support/test-vault.ts';
import { admit, undoMove } from './admit.ts';

let opened: TestStorage;
beforeEach(async () => {
  opened = await openTestStorage();
});
afterEach(() => opened.end());

describe('the key of an installation', () => {
  it('is that of the node that came first', async () => {
    await admit(opened.storage, testVault(1));
    await admit(opened.storage, testVault(1));
    const other = await opened.another();
    await expect(admit(other, testVault(2))).rejects.toThrow(
      /another key than the installation .* the same `security.key` .* `secret.key`/,
    );
    // Whoever is not admitted holds nothing open.
    await expect(other.ping()).rejects.toThrow('closed');
  });

  it('is one, when many come first', async () => {
    const nodes = await Promise.all([1, 2, 3].map(() => opened.another()));
    const outcomes = await Promise.allSettled(
      nodes.map((node, nth) => admit(node, testVault(nth))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(nodes.map((node) => node.close()));
  });

  it('is not in the database', async () => {
    await admit(opened.storage, testVault(65));
    const check = (await opened.storage.read.installation.fact('key_check')) ?? '';
    expect(check).toMatch(/^v1\./);
    for (const form of ['base64', 'base64url', 'hex', 'latin1'] as const) {
      expect(check).not.toContain(Buffer.alloc(32, 65).toString(form).slice(0, 16));
    }
  });
});

describe('an installation on the move', () => {
  const to = { move: 'm', to: 'postgres://db.example/sms', begunAt: 0, doneAt: null };
  const say = (name: 'moved_to' | 'moving_in', value: object) =>
    opened.storage.write((tx) => tx.installation.set(name, JSON.stringify(value)));
  const refused = async () => admit(await opened.another(), testVault(1));

  it('is served neither where it comes from nor where it goes to', async () => {
    await say('moved_to', to);
    await expect(refused()).rejects.toThrow(
      /move .* to postgres:\/\/db.example\/sms was begun and is not finished: .* --from.* --undo/,
    );
    await say('moved_to', { ...to, doneAt: Date.UTC(2026, 3, 1) });
    await expect(refused()).rejects.toThrow(
      /was moved to postgres:\/\/db.example\/sms on 2026-04-01 00:00:00 UTC: name that .* `parlance migrate --undo`/,
    );
    expect(await undoMove(opened.storage)).toBe(to.to);
    expect(await undoMove(opened.storage)).toBeUndefined();
    await admit(opened.storage, testVault(1));
    await say('moving_in', { move: 'm', from: '/var/lib/parlance' });
    await expect(refused()).rejects.toThrow(/`parlance migrate --from \/var\/lib\/parlance`/);
  });
});
