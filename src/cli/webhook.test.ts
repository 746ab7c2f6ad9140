import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from './testkit/stage.ts';
import { createStage, lines } from './testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ typed: 'sign with this' });
  await stage.did('account create shop');
});
afterEach(() => stage.close());

const set = 'webhook set shop --dialect mobilemessage --topic status --url';

describe('parlance webhook', () => {
  it('sets, lists and removes URLs', async () => {
    expect(await stage.run(`${set} https://shop.example/status`)).toMatchObject({
      code: 0,
      out: "'shop' is told of 'status' at https://shop.example/status.",
      err: '',
    });
    await stage.did(
      'webhook set shop --dialect mobilemessage --topic inbound --url https://shop.example/in --secret-stdin',
    );
    const list = await stage.run('webhook list shop');
    expect(list.out).toBe(
      lines(`
        API            TOPIC    URL                          SIGNED  STOPPED (UTC)
        mobilemessage  status   https://shop.example/status  no      -
        mobilemessage  inbound  https://shop.example/in      yes     -
      `),
    );
    expect((await stage.run('webhook list shop --json')).raw).not.toContain('sign with this');
    expect(
      (await stage.run('webhook remove shop --dialect mobilemessage --topic status')).out,
    ).toBe("'shop' is no longer told of 'status'.");
    expect(
      (await stage.run('webhook remove shop --dialect mobilemessage --topic status')).err,
    ).toBe("parlance: 'shop' has no webhook for 'status': see `parlance webhook list shop`.");
  });

  it.each(['http://127.0.0.1:9000/x', 'http://localhost/', 'http://[::1]/', 'http://10.0.0.1/'])(
    'says that %s is not reached without leave',
    async (url) => {
      expect((await stage.run(`${set} ${url}`)).err).toContain(
        'is no public address: nothing is sent there unless `webhooks.allow` names it',
      );
    },
  );

  it('does not say so when it may be reached', async () => {
    const came = await stage.run(`--set webhooks.allow=127.0.0.0/8 ${set} http://localhost/`);
    expect(came).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    [
      'webhook set shop --dialect mobilemessage --topic stats --url https://a.example',
      2,
      'did you mean status?',
    ],
    [
      'webhook set shop --dialect mobilemessage --topic status',
      2,
      "Required option '--url <url>' not specified.",
    ],
    [`${set} ftp://a.example`, 1, 'A webhook needs an http:// or https:// URL'],
    [`${set} https://me:pw@a.example`, 1, 'without a user name'],
    ['webhook set shop --dialect x --topic status --url https://a.example', 2, "no dialect 'x'"],
  ])('%s is refused', async (line, code, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code, out: '' });
    expect(came.err).toContain(err);
  });
});
