import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from './testkit/stage.ts';
import { createStage, idIn, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ typed: 'correct horse' });
  await stage.did('account create shop');
});
afterEach(() => stage.close());

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
    const came = await stage.run('credential create shop');
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
    const came = await stage.run('credential create shop --username shop --secret-stdin');
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

  it('ends a way in', async () => {
    const made = await stage.did('credential create shop --username shop --secret-stdin');
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

  it.each([
    ['credential create shop --secret hunter2', 2, "Unknown option '--secret'."],
    [
      'credential create shop --kind bearer',
      2,
      "mobilemessage has no credentials of kind 'bearer'",
    ],
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
    await stage.did('credential create shop --username shop --secret-stdin');
    expect(await stage.run('credential create shop --username shop')).toMatchObject({
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
    const came = await other.run('credential create shop --secret-stdin');
    expect(came.code).toBe(1);
    expect(came.err).toContain(err);
    await other.close();
  });
});
