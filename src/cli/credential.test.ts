import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from './testkit/stage.ts';
import { createStage, idIn, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ typed: 'correct horse' });
  await stage.did('account create shop');
});
afterEach(() => stage.close());

const create = 'credential create shop --dialect mobilemessage';

const worksWith = async (username: string, password: string): Promise<number> => {
  const answer = await stage.world.inject({
    url: '/mobilemessage/v1/messages?message_id=x',
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    },
  });
  return answer.statusCode;
};

describe('parlance credential', () => {
  it('makes a user name and a password that work, and shows them once', async () => {
    const came = await stage.run(create);
    expect(came.err).toBe('Keep it now: it is stored as a digest and is not shown again.');
    const [, username = ''] = /^user name {2}(\S+)$/m.exec(came.raw) ?? [];
    const [, password = ''] = /^password {3}(\S+)$/m.exec(came.raw) ?? [];
    expect(await worksWith(username, password)).toBe(200);
    const list = await stage.run('credential list shop');
    expect(list.raw).toContain(username);
    expect(list.raw).not.toContain(password);
    expect((await stage.run('credential list shop --json')).raw).not.toContain(password);
  });

  it('takes the secret from standard input and does not repeat it', async () => {
    const came = await stage.run(`${create} --username shop --secret-stdin`);
    expect(came).toMatchObject({ code: 0, err: '' });
    expect(came.out).toBe(
      lines(`
        account    shop
        API        Mobile Message
        user name  shop
        password   as it was given
        id         <id>................................
      `),
    );
    expect(await worksWith('shop', 'correct horse')).toBe(200);
    expect(JSON.parse((await stage.run('credential list shop --json')).raw)).toMatchObject({
      items: [{ dialect: 'mobilemessage', kind: 'basic', username: 'shop', revokedAt: null }],
    });
  });

  it('makes a key to sign with, whose secret the gateway keeps', async () => {
    const hmac = 'credential create shop --dialect messagemedia --kind hmac --username key1';
    const came = await stage.run(hmac);
    expect(came.err).toBe('Keep it now: it is stored encrypted and is not shown again.');
    const [, secret = ''] = /^secret {5}(\S+)$/m.exec(came.raw) ?? [];
    const { authenticate } = stage.world.gateway;
    const signsWith = (known: string): boolean => known === secret;
    const caller = await authenticate.signature('messagemedia', 'key1', signsWith, '::1');
    expect(caller.view.account.name).toBe('shop');
    const list = JSON.parse((await stage.run('credential list shop --json')).raw) as object;
    expect(list).toMatchObject({ items: [{ kind: 'hmac', username: 'key1', label: 'key1' }] });
    expect((await stage.run(hmac)).err).toBe("parlance: The user name 'key1' is taken.");
  });

  it('ends a way in', async () => {
    const made = await stage.did(`${create} --username shop --secret-stdin`);
    const id = idIn(made);
    expect((await stage.run(`credential revoke ${id}`)).code).toBe(0);
    expect(await worksWith('shop', 'correct horse')).toBe(401);
    expect((await stage.run('credential list shop')).out).toBe(
      lines(`
        ID                                    API            KIND   USER NAME  LABEL  CREATED (UTC)        REVOKED (UTC)
        <id>................................  mobilemessage  basic  shop       shop   2026-03-01 00:00:00  2026-03-01 00:00:00
      `),
    );
    expect(await stage.run(`credential revoke ${id}`)).toMatchObject({
      code: 1,
      err: 'parlance: There is no credential <id>................................ that is still good: see `parlance credential list`.',
    });
  });

  it('must know which API it is for, where there are several', async () => {
    const came = await stage.run('credential create shop');
    expect(came.code).toBe(2);
    expect(came.err).toMatch(/Say which API it is for with --dialect: mobilemessage, messagemedia/);
  });

  it.each([
    ['credential create shop --secret hunter2', 2, "Unknown option '--secret'."],
    [`${create} --kind bearer`, 2, "mobilemessage has no credentials of kind 'bearer'"],
    ['credential create shop --dialect mobilmesage', 2, 'did you mean mobilemessage?'],
    ['credential create shp', 1, "There is no account 'shp'; did you mean shop?"],
    ['credential revoke shop', 2, "'shop' cannot be <id>. It must be an id as the lists show it"],
  ])('%s ends with %d', async (line, code, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code, out: '' });
    expect(came.err).toContain(err);
    // Secrets that were typed where they do not belong are at least not repeated.
    expect(came.err).not.toContain('hunter2');
  });

  it('refuses a user name that is taken', async () => {
    await stage.did(`${create} --username shop --secret-stdin`);
    expect(await stage.run(`${create} --username shop`)).toMatchObject({
      code: 1,
      out: '',
      err: "parlance: The user name 'shop' is taken.",
    });
  });
});

describe('standard input', () => {
  it.each([
    ['', 'There was no secret on standard input: pipe it in, as in `--secret-stdin < file`.'],
    ['a\tb', 'The secret must be one line of at most 1024 characters without control characters.'],
    ['x'.repeat(1025), 'The secret must be one line of at most 1024 characters'],
  ])('%j is no secret', async (typed, err) => {
    const other = await createStage({ typed });
    await other.did('account create shop');
    const came = await other.run(`${create} --secret-stdin`);
    expect(came.code).toBe(1);
    expect(came.err).toContain(err);
    await other.close();
  });
});

describe('credentials for SMPP', () => {
  const create = 'credential create shop --dialect smpp --username shop1';
  const settingsOf = async () => {
    const list = await stage.did('credential list shop --json');
    return (JSON.parse(list.raw) as { items: { settings: object }[] }).items[0]?.settings;
  };

  it('makes a password that a bind can carry, and lets receipts wait from then on', async () => {
    const came = await stage.did(`${create} --setting maxBinds=2 --setting allow=10.0.0.0/8,::1`);
    expect(came.out).toMatch(
      /^account {4}shop\nAPI {8}SMPP\nuser name {2}shop1\npassword {3}\S{8}\nmaxBinds {3}2\nallow {6}10\.0\.0\.0\/8,::1\n/,
    );
    expect(await settingsOf()).toEqual({ maxBinds: 2, allow: '10.0.0.0/8,::1' });
    const { id } = await stage.world.gateway.owner.accountNamed('shop');
    const endpoints = await stage.world.storage.read.endpoints.ofAccount(id);
    expect(endpoints).toMatchObject([{ form: 'smpp', topic: 'sessions', url: '' }]);
    // It is no webhook.
    expect((await stage.did('webhook list shop')).err).toContain('has no webhooks');
    const show = await stage.did('account show shop');
    expect(show.raw).toMatch(/0 senders, 1 credential, 0 webhooks/);
    expect(show.raw).toMatch(/^SMPP\n {2}smpp\.alphabet {5}gsm7 \(default\)$/m);
  });

  it('changes what is kept with it', async () => {
    const id = idIn(await stage.did(create));
    const set = `credential set ${id} --setting`;
    await stage.did(`${set} throughput=20 --setting messageIds=decimal`);
    expect(await settingsOf()).toEqual({ throughput: 20, messageIds: 'decimal' });
    await stage.did(`${set} throughput=`);
    expect(await settingsOf()).toEqual({ messageIds: 'decimal' });
    await stage.did(`credential revoke ${id}`);
    expect(await stage.run(`${set} throughput=1`)).toMatchObject({ code: 1 });
  });

  it.each([
    [`${create} --setting maxBinds=many`, /smpp\.maxBinds cannot be 'many'/],
    [`${create} --setting allow=everywhere`, /smpp\.allow cannot be 'everywhere'/],
    [`${create} --setting binds=2`, /smpp has no setting 'binds'/],
    [`${create} --setting maxBinds`, /takes key=value/],
    ['credential create shop --dialect smpp --username a-name-that-is-too-long', /1 to 15 ASCII/],
    ['credential create shop --dialect smpp --kind bearer', /no credentials of kind 'bearer'/],
    ['credential create shop --dialect mobilemessage --setting maxBinds=2', /keeps no settings/],
    ['credential create shop --dialect smp', /no dialect 'smp'.*smpp/],
  ])('refuses %s', async (line, complaint) => {
    const came = await stage.run(line);
    expect(came.code).toBe(2);
    expect(came.err).toMatch(complaint);
  });

  it('has settings of the account', async () => {
    await stage.did('account set shop --setting smpp.alphabet=latin1');
    const show = await stage.did('account show shop');
    expect(show.raw).toMatch(/^ {2}smpp\.alphabet {5}latin1$/m);
  });
});

describe('parlance credential for MobTexting', () => {
  it('makes a token that is good from some addresses alone', async () => {
    const came = await stage.did(
      'credential create shop --dialect mobtexting --setting allow=10.0.0.0/8,::1',
    );
    const [, token = ''] = /^key {2,}(\S+)$/m.exec(came.raw) ?? [];
    const from = async (remoteAddress: string): Promise<number> => {
      const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
      const request = { url: '/mobtexting/api/v2/auth/me', headers, remoteAddress };
      return (await stage.world.inject(request)).statusCode;
    };
    expect(await from('10.1.2.3')).toBe(200);
    expect(await from('::1')).toBe(200);
    expect(await from('11.1.2.3')).toBe(403);
    const bad = await stage.run('credential create shop --dialect mobtexting --setting allow=here');
    expect(bad.err).toMatch(/mobtexting\.allow cannot be 'here'/);
  });
});
