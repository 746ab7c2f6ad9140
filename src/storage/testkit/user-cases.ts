import { describe, expect, it } from 'vitest';

import type { AuditEntry } from '../../core/audit/entry.ts';
import type { AccountId, AuditId, MailId, UserId } from '../../core/ids.ts';
import type { OutgoingMail } from '../../core/mail/outgoing-mail.ts';
import type { StoredUser, UserSession } from '../../core/users/user.ts';
import type { Given } from './given.ts';
import { cutsAt, DAY, MINUTE, nodeA, nodeB, START } from './fixtures.ts';

const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];
const page = { limit: 10, offset: 0 };

/** People who log in, mail to them, and what was changed by whom. */
export function userCases(given: Given): void {
  const add = async (...users: StoredUser[]) => {
    await given.storage.write(async (tx) => {
      for (const user of users) await tx.users.insert(user);
    });
  };
  const active = (accountId: AccountId | null, email: string, more: Partial<StoredUser> = {}) =>
    given.rows.user(accountId, { email, status: 'active', password: 'hash', ...more });

  describe('users', () => {
    it('are found by id, by address and by their account', async () => {
      const { storage, rows } = given;
      const one = active(mine, 'b@x', { totp: 'sealed', twoFactorSince: START, totpStep: 7 });
      const two = active(mine, 'a@x', { recoveryCodes: ['r1', 'r2'], lastLoginAt: START });
      const ofOwner = active(null, 'c@x');
      const invited = rows.user(other, { email: 'b@x' });
      const alsoInvited = rows.user(null, { email: 'b@x' });
      await add(one, two, ofOwner, invited, alsoInvited);
      const { users } = storage.read;
      expect(await users.find(one.id)).toEqual(one);
      expect(await users.find('nobody' as UserId)).toBeUndefined();
      expect(await users.findActivated('b@x')).toEqual(one);
      expect(await users.findActivated('d@x')).toBeUndefined();
      expect(await users.invited('b@x', 10)).toEqual([alsoInvited, invited]);
      expect(await users.invited('b@x', 1)).toHaveLength(1);
      expect(await users.list(mine, page)).toEqual([two, one]);
      expect(await users.list(null, page)).toEqual([alsoInvited, ofOwner]);
      expect(await users.list(mine, { limit: 1, offset: 1 })).toEqual([one]);
      expect(await users.all(page)).toHaveLength(5);
      await storage.write(async (tx) => {
        expect(await tx.users.count(mine)).toBe(2);
        expect(await tx.users.count(null)).toBe(2);
      });
    });

    it('have an address once in their account', async () => {
      const { rows } = given;
      await add(rows.user(mine, { email: 'a@x' }), rows.user(null, { email: 'a@x' }));
      for (const accountId of [mine, null]) {
        await expect(add(rows.user(accountId, { email: 'a@x' }))).rejects.toMatchObject({
          code: 'already_exists',
        });
      }
    });

    it('have an address alone once they are active', async () => {
      const { storage, rows } = given;
      const one = rows.user(mine, { email: 'a@x' });
      const two = rows.user(other, { email: 'a@x' });
      await add(one, two);
      const activate = (user: StoredUser) =>
        storage.write((tx) => tx.users.activate({ ...user, status: 'active', password: 'p' }));
      expect(await activate(one)).toBe(true);
      expect(await activate(two)).toBe(false);
      expect(await storage.read.users.find(two.id)).toEqual(two);
      expect((await storage.read.users.findActivated('a@x'))?.id).toBe(one.id);
    });

    it('of one address are not both active when they activate at once', async () => {
      const { storage, rows } = given;
      const users = [mine, other].map((accountId) => rows.user(accountId, { email: 'a@x' }));
      await add(...users);
      const storages = [storage, await given.another()];
      const came = await Promise.all(
        users.map((user, at) =>
          (storages[at] ?? storage).write((tx) => tx.users.activate({ ...user, status: 'active' })),
        ),
      );
      expect(came.filter((activated) => activated)).toHaveLength(1);
    });

    it('of an account that are owners and active are locked together', async () => {
      const { storage, rows } = given;
      const one = active(mine, 'a@x', { role: 'owner' });
      const two = active(mine, 'b@x', { role: 'owner' });
      await add(
        one,
        two,
        active(mine, 'c@x', { role: 'admin' }),
        active(mine, 'd@x', { role: 'owner', status: 'suspended' }),
        rows.user(mine, { email: 'e@x', role: 'owner' }),
        active(null, 'f@x', { role: 'owner' }),
      );
      await storage.write(async (tx) => {
        expect(await tx.users.lockOwners(mine)).toEqual([one, two]);
        expect(await tx.users.lockOwners(null)).toHaveLength(1);
        expect(await tx.users.lock(one.id)).toEqual(one);
        expect(await tx.users.lock('nobody' as UserId)).toBeUndefined();
      });
    });

    it('are changed, and removed with their tokens and sessions', async () => {
      const { storage, rows } = given;
      const one = active(mine, 'a@x');
      const two = active(mine, 'b@x');
      await add(one, two);
      const changed: StoredUser = {
        ...one,
        name: 'New',
        role: 'viewer',
        status: 'suspended',
        lastLoginAt: START + 1,
        twoFactorSince: START,
        password: 'other',
        totp: 'sealed',
        totpStep: 9,
        recoveryCodes: ['x'],
      };
      await storage.write((tx) => tx.users.save(changed));
      expect(await storage.read.users.find(one.id)).toEqual(changed);
      const tokens = [rows.userToken(one.id), rows.userToken(two.id)];
      const sessions = [rows.userSession(one.id), rows.userSession(two.id)];
      await storage.write(async (tx) => {
        for (const token of tokens) await tx.users.insertToken(token);
        for (const session of sessions) await tx.users.insertSession(session);
        expect(await tx.users.remove(one.id)).toBe(true);
        expect(await tx.users.remove(one.id)).toBe(false);
      });
      const { users } = storage.read;
      expect(await users.token(tokens[0]?.digest ?? '')).toBeUndefined();
      expect(await users.token(tokens[1]?.digest ?? '')).toEqual(tokens[1]);
      expect(await users.session(sessions[0]?.digest ?? '')).toBeUndefined();
      expect(await users.session(sessions[1]?.digest ?? '')).toEqual({
        session: sessions[1],
        user: two,
      });
    });

    it('have tokens that are taken once', async () => {
      const { storage, rows } = given;
      const user = active(mine, 'a@x');
      await add(user);
      const token = rows.userToken(user.id);
      const another = rows.userToken(user.id, { purpose: 'activation' });
      await storage.write(async (tx) => {
        await tx.users.insertToken(token);
        await tx.users.insertToken(another);
        expect(await tx.users.takeToken(token.digest)).toEqual(token);
        expect(await tx.users.takeToken(token.digest)).toBeUndefined();
        await tx.users.dropTokens(user.id);
      });
      expect(await storage.read.users.token(another.digest)).toBeUndefined();
    });

    it('have sessions that are seen and end, one or all but one', async () => {
      const { storage, rows } = given;
      const user = active(mine, 'a@x');
      await add(user);
      const sessions = [1, 2, 3, 4].map(() => rows.userSession(user.id)) as [
        UserSession,
        UserSession,
        UserSession,
        UserSession,
      ];
      await storage.write(async (tx) => {
        for (const session of sessions) await tx.users.insertSession(session);
        await tx.users.touchSession({
          digest: sessions[0].digest,
          seenAt: START + 5,
          expiresAt: START + 6,
        });
        expect(await tx.users.dropSession(sessions[1].digest)).toBe(true);
        expect(await tx.users.dropSession(sessions[1].digest)).toBe(false);
        expect(await tx.users.dropSessions(user.id, sessions[0].digest)).toBe(2);
      });
      const found = await storage.read.users.session(sessions[0].digest);
      expect(found?.session).toEqual({ ...sessions[0], seenAt: START + 5, expiresAt: START + 6 });
      expect(await storage.write((tx) => tx.users.dropSessions(user.id))).toBe(1);
    });
  });

  describe('mail', () => {
    const claim = (nodeId = nodeA, now = START) =>
      given.storage.write((tx) =>
        tx.mails.claim({ nodeId, now, leaseUntil: now + MINUTE, limit: 2 }),
      );
    const insert = (...mails: OutgoingMail[]) =>
      given.storage.write(async (tx) => {
        for (const mail of mails) await tx.mails.insert(mail);
      });

    it('is claimed when it is due, by one node, and again when its lease has ended', async () => {
      const { rows, storage } = given;
      const later = rows.mail({ dueAt: START + 1 });
      const [one, two, three] = [rows.mail(), rows.mail(), rows.mail()];
      const { mails } = storage.read;
      expect(await mails.isDue(START)).toBe(false);
      await insert(later);
      expect(await mails.isDue(START)).toBe(false);
      await insert(one, two, three);
      expect(await mails.isDue(START)).toBe(true);
      expect((await claim()).map(({ id }) => id)).toEqual([one.id, two.id]);
      const [held] = await claim(nodeB);
      expect(held).toEqual({ ...three, lockedBy: nodeB, dueAt: START + MINUTE });
      expect((await storage.read.mails.find(later.id))?.lockedBy).toBeNull();
      expect(await claim(nodeB)).toEqual([]);
      expect((await claim(nodeB, START + MINUTE)).map(({ id }) => id)).toEqual([later.id, one.id]);
    });

    it('is finished by who holds it', async () => {
      const { rows, storage } = given;
      const mail = rows.mail();
      await insert(mail);
      const [held] = await claim();
      const done: OutgoingMail = {
        ...(held as OutgoingMail),
        status: 'failed',
        attempts: 3,
        lockedBy: null,
        doneAt: START + 2,
        error: 'no such mailbox',
      };
      await storage.write((tx) => tx.mails.finish(done, nodeB));
      expect((await storage.read.mails.find(mail.id))?.status).toBe('pending');
      await storage.write((tx) => tx.mails.finish(done, nodeA));
      expect(await storage.read.mails.find(mail.id)).toEqual(done);
      expect(await storage.read.mails.find('none' as MailId)).toBeUndefined();
    });
  });

  describe('the audit log', () => {
    it('is read newest first, of one account or of all, a page at a time', async () => {
      const { rows, storage } = given;
      const entries = [mine, other, mine, null].map((accountId) => rows.auditEntry({ accountId }));
      await storage.write(async (tx) => {
        for (const entry of entries) await tx.audit.insert(entry);
      });
      const { audit } = storage.read;
      const [first, second, third, fourth] = entries as [
        AuditEntry,
        AuditEntry,
        AuditEntry,
        AuditEntry,
      ];
      expect(await audit.list({ limit: 10 })).toEqual([fourth, third, second, first]);
      expect(await audit.list({ accountId: mine, limit: 10 })).toEqual([third, first]);
      expect(await audit.list({ accountId: mine, before: third.id, limit: 10 })).toEqual([first]);
      expect(await audit.list({ limit: 1 })).toEqual([fourth]);
    });
  });

  it('what users leave behind goes when its time is over', async () => {
    const { rows, storage } = given;
    const user = active(mine, 'a@x');
    await add(user);
    const waiting = rows.mail();
    const oldEntry = '019a0000-0000-7000-8000-000000000000' as AuditId;
    await storage.write(async (tx) => {
      for (const expiresAt of [START, START + 1]) {
        await tx.users.insertToken(rows.userToken(user.id, { expiresAt }));
        await tx.users.insertSession(rows.userSession(user.id, { expiresAt }));
      }
      await tx.mails.insert(rows.mail({ status: 'sent', doneAt: START - 1 }));
      await tx.mails.insert(rows.mail({ status: 'sent', doneAt: START + 1 }));
      await tx.mails.insert(waiting);
      await tx.audit.insert(rows.auditEntry({ id: oldEntry }));
      await tx.audit.insert(rows.auditEntry());
    });
    const keeping = { ...cutsAt(0), logins: START, mails: START, audit: START - DAY };
    expect(await storage.write((tx) => tx.retain(keeping, 10))).toBe(4);
    expect(await storage.write((tx) => tx.retain(keeping, 10))).toBe(0);
    expect(await storage.read.audit.list({ limit: 10 })).toHaveLength(1);
    expect(await storage.read.mails.find(waiting.id)).toEqual(waiting);
  });
}
