import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stage } from '../testkit/stage.ts';
import { createStage, idIn, lines } from '../testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await stage.did('account create shop --credit 10', 'sender add shop 61480000001');
});
afterEach(() => stage.close());

describe('parlance reply send', () => {
  it('plays a handset that answers a message', async () => {
    const id = idIn(await stage.did('send shop --to 0412345678 --sender 61480000001 --text Hi'));
    expect((await stage.run(`reply send ${id} --text Yes`)).out).toBe(
      lines(`
        Simulated: +61412345678 wrote 'Yes' to '61480000001'.
        It is recorded for 'shop', as the answer to message <id>.................................
        'shop' has no webhook that is told of it.
      `),
    );
    expect((await stage.run('reply list shop')).out).toBe(
      lines(`
        RECEIVED (UTC)       FROM          TO           TEXT  KEYWORD  ANSWERS MESSAGE
        2026-03-01 00:00:00  +61412345678  61480000001  Yes   -        <id>................................
      `),
    );
  });

  it('has the consequences that a real one has', async () => {
    await stage.did(
      'webhook set shop --dialect mobilemessage --topic inbound --url https://shop.example/in',
    );
    const line = 'reply send --from 0412345678 --to +61480000001 --text';
    expect((await stage.run(`${line} stop`)).out).toBe(
      lines(`
        Simulated: +61412345678 wrote 'stop' to '+61480000001'.
        It is recorded for 'shop'.
        'shop' must not send to +61412345678 any more.
        Its webhook is told by the serving process, within a second.
      `),
    );
    expect((await stage.run('optout list shop')).out).toContain(
      '+61412345678  2026-03-01 00:00:00  everything  the handset',
    );
    expect((await stage.run(`${line} START`)).out).toContain(
      "'shop' may send to +61412345678 again.",
    );
    const { raw } = await stage.did(`${line} hello --json`);
    expect(JSON.parse(raw)).toMatchObject({
      simulated: true,
      account: 'shop',
      from: '+61412345678',
      text: 'hello',
      keyword: null,
      link: 'test',
      notifications: [expect.any(String)],
    });
  });

  it('needs not be called by its name', async () => {
    await stage.did('reply --from 0412345678 --to 61480000001 --text Yes');
  });

  it('says when the reply belongs to nobody', async () => {
    const came = await stage.run('reply send --from +61412345678 --to Nobody --text Hi');
    expect(came.code).toBe(0);
    expect(came.out).toContain("No account has 'Nobody' as its own number or sent from it to this");
    expect((await stage.run('reply list --unowned')).out).toContain('Nobody');
    expect((await stage.run('reply list shop')).err).toBe("Nobody has written to 'shop' yet.");
  });

  it.each([
    ['reply', 'Say what the handset writes with --text.'],
    ['reply lst', "'lst' is neither a command of `parlance reply` nor the id of a message"],
    ['reply send --text Hi', 'Say who writes to whom with --from and --to, or name a message'],
    ['reply send --from 12 --to x --text Hi', "'12' is no phone number"],
    [
      'reply send --from 0412345678 --to x --text Hi --link y',
      "There is no link 'y'; there is test.",
    ],
    ['reply list', 'Name an account, or ask for --unowned.'],
    ['reply list shop --unowned', 'leave the account out'],
  ])('%s is wrong usage', async (line, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code: 2, out: '' });
    expect(came.err).toContain(err);
  });
});
