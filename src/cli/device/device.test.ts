import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { phone } from '../../transports/phone/index.ts';
import type { Stage } from '../testkit/stage.ts';
import { createStage, lines } from '../testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ furtherLinks: { phones: { transport: phone.name } } });
  await stage.did('account create shop');
});
afterEach(() => stage.close());

const enrol = async (more: { name?: string } = {}) => {
  const { gateway } = stage.world;
  const account = await gateway.owner.accountNamed('shop');
  const admission = { accountId: account.id, credentialId: null };
  const { device } = await gateway.devices.enrol(admission, {
    name: 'Google/sdk_gphone64',
    sims: [{ slot: 0, sim: 1, number: null, ending: null, carrier: 'Telstra' }],
    pushToken: null,
    version: '1.68.0',
    ...more,
  });
  gateway.devices.seen(device);
  return device;
};

describe('parlance device enrol', () => {
  it('makes a token, and shows it as a text and as a picture', async () => {
    const came = await stage.run('device enrol shop --label "warehouse"');
    expect(came.code).toBe(0);
    const token = /private token +(\S+)/.exec(came.raw)?.[1] as string;
    expect(came.out).toContain('API URL        http://127.0.0.1:0/api/mobile/v1');
    expect(came.out).toContain('good until     it is revoked');
    expect(came.out).toMatch(/█▀▀▀▀▀▀▀█/);
    expect(came.err).toContain('The app wants https: set http.publicUrl');
    const { enrolment } = stage.world.gateway.devices;
    const { id } = await stage.world.gateway.owner.accountNamed('shop');
    expect(await enrolment.byToken(token, '127.0.0.1')).toMatchObject({ accountId: id });
    expect((await stage.run('credential list shop')).out).toContain('phone  bearer');
    expect((await stage.run('credential list shop')).out).toContain('warehouse');
  });

  it('one that is good for a while', async () => {
    const came = await stage.run('device enrol shop --life 1h --no-qr --json');
    const { token, url, expiresAt } = JSON.parse(came.raw) as Record<string, string>;
    expect(url).toMatch(/\/api\/mobile\/v1$/);
    expect(expiresAt).toBe('2026-03-01T01:00:00.000Z');
    const { enrolment } = stage.world.gateway.devices;
    await stage.world.clock.skip(3_600_000);
    await expect(enrolment.byToken(token as string, 'x')).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('says what is missing where no link goes by phones', async () => {
    const bare = await createStage();
    try {
      await bare.did('account create shop');
      const came = await bare.run('device enrol shop');
      expect(came).toMatchObject({ code: 1, out: '' });
      expect(came.err).toContain('add one with `transport: phone` to `links`');
    } finally {
      await bare.close();
    }
  });
});

describe('parlance device list, show, set, remove', () => {
  it('shows what is known of phones', async () => {
    expect((await stage.run('device list')).err).toContain('make a token with');
    const device = await enrol();
    const listed = await stage.run('device list shop');
    expect(listed.out).toBe(
      lines(`
        ID                    ACCOUNT  PHONE                NUMBER  ONLINE  BATTERY  APP
        ${device.id}  shop     Google/sdk_gphone64  -       yes     -        1.68.0
      `),
    );
    await stage.world.clock.skip(3_600_000);
    expect((await stage.run('device list')).out).toContain('silent, seen 1h ago');
    const shown = await stage.run(`device show ${device.id}`);
    expect(shown.out).toContain('SIM 1      Telstra');
    expect(shown.out).toContain('queue      0 waiting, 0 given to it and not answered');
    expect(shown.out).toContain('pace       30 parts in 30 minutes');
    expect(JSON.parse((await stage.run(`device show ${device.id} --json`)).raw)).toMatchObject({
      id: device.id,
      account: 'shop',
      online: false,
      settings: { sims: 'phone' },
      queue: { waiting: 0, given: 0 },
    });
  });

  it('changes it', async () => {
    const { id } = await enrol();
    await stage.did(
      `device set ${id} --label desk --number +61491570156 --pace 100/60 --daily 2000 --sim 2`,
      `device set ${id} --hours "08:00-20:00 1-5,7" --time-zone Australia/Sydney --pause 2-9 --ping 60`,
    );
    const { out } = await stage.run(`device show ${id}`);
    for (const line of [
      'label      desk',
      'number     +61491570156',
      'pace       100 parts in 60 minutes',
      'daily      2000 parts',
      'hours      08:00-20:00 Mon,Tue,Wed,Thu,Fri,Sun (Australia/Sydney)',
      'SIM        2',
      'pause      2 to 9 s',
      'ping       every 60 s',
    ]) {
      expect(out).toContain(line);
    }
    expect((await stage.run('sender list shop')).out).toContain('+61491570156');
    await stage.did(
      `device set ${id} --label "" --number "" --pace off --daily off --hours off --sim rotation --pause off --ping off`,
    );
    const after = (await stage.run(`device show ${id}`)).out;
    expect(after).toContain('pace       as fast as it takes them');
    expect(after).toContain('ping       off');
    expect((await stage.run('sender list shop')).out).not.toContain('+61491570156');
  });

  it('ends it, and warns of tokens by which it may come back', async () => {
    const { id } = await enrol();
    await stage.did('device enrol shop');
    const came = await stage.run(`device remove ${id}`);
    expect(came.out).toBe(`The phone ${id} of 'shop' serves no more.`);
    expect(came.err).toContain('It may come back with an enrolment token: <id>');
    expect((await stage.run('device list')).out).toBe('');
  });

  it.each([
    ['device show nobody', 1, "There is no device 'nobody'"],
    ['device remove nobody', 1, "There is no device 'nobody'"],
    ['device set nobody --label x', 1, "There is no device 'nobody'"],
    ['device set nobody', 2, 'Say what to change'],
    ['device enrol nobody', 1, "There is no account 'nobody'"],
    ['device set x --pace 30', 2, 'It must be a whole number'],
    ['device set x --pace 30/30/30', 2, 'It must be such as 30/30, or off.'],
    ['device set x --hours 8-20', 2, 'It must be such as "08:00-20:00 1-5", or off.'],
    ['device set x --hours 25:00-26:00', 2, 'It must be such as'],
    ['device set x --pause 9-2', 2, 'It must be such as 2-9, or off.'],
    ['device set x --sim 7', 2, 'It must be a whole number from 1 to 3.'],
    ['device set x --ping 1', 2, 'It must be a whole number from 10 to 86400.'],
  ])('%s is refused', async (line, code, err) => {
    const came = await stage.run(line);
    expect(came).toMatchObject({ code, out: '' });
    expect(came.err).toContain(err);
  });

  it('refuses what is no number, no time zone, and somebody else’s number', async () => {
    const { id } = await enrol();
    await stage.did('account create other', 'sender add other +61491570157');
    for (const [change, err] of [
      ['--number 12', "'12' is no phone number."],
      ['--time-zone Mars/Olympus', "'Mars/Olympus' is no time zone."],
      ['--number +61491570157', "The number +61491570157 is somebody else's."],
    ] as const) {
      const came = await stage.run(`device set ${id} ${change}`);
      expect(came.code).toBe(1);
      expect(came.err).toContain(err);
    }
  });
});
