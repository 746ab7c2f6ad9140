import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkId, NodeId } from '../../core/ids.ts';
import { millicredits } from '../../core/money.ts';
import type { Stage } from '../testkit/stage.ts';
import { createStage, lines } from '../testkit/stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await createStage({ dispatch: false });
});
afterEach(() => stage.close());

/** The line of one check. */
const checked = async (check: string, more = ''): Promise<{ line: string; code: number }> => {
  const { out, code } = await stage.run(`doctor ${more}`);
  const line = out.split('\n').find((one) => one.slice(6).startsWith(`${check} `)) ?? '';
  return { line: line.replace(/\s+/g, ' '), code };
};

const answering = async (
  status: number,
  body: string,
): Promise<{ server: Server; port: number }> => {
  const server = createServer((_request, response) => {
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
};

describe('parlance doctor', () => {
  it('has a line for each check', async () => {
    const came = await stage.run('doctor');
    expect(came.code).toBe(0);
    expect(came.out.replace(/\d+ MB/, '… MB').replace(/\/\S+/, '<folder>')).toBe(
      lines(`
        ok    configuration  every setting can be read.
        ok    data folder    <folder> can be written to, … MB free.
        ok    port           any free port is taken.
        ok    schema         the database is the one this release needs.
        ok    clock          2026-03-01 00:00:00 UTC.
        ok    integrity      the database is sound.
        ok    ledger         every balance is the sum of its ledger.
        ok    accounts       0 accounts, whose settings can be read.
        ok    links          1 link configured: test.
        ok    messages       nothing is stuck, 0 messages queued.
        ok    notifications  none has failed, 0 pending.
        ok    archive        messages are archived on disk.
        12 checks: 0 failed, 0 with a warning.
      `),
    );
    const document = JSON.parse((await stage.run('doctor --json')).raw) as { checks: unknown[] };
    expect(document).toMatchObject({ ok: true, checks: { length: 12 } });
    expect(document.checks[0]).toEqual({
      check: 'configuration',
      level: 'ok',
      says: 'every setting can be read',
    });
  });

  it('stops at a configuration that cannot be read', async () => {
    const came = await stage.run('doctor --set http.prt=1');
    expect(came.code).toBe(1);
    expect(came.out).toContain(
      'FAIL  configuration  http.prt is not a setting; did you mean http.port?',
    );
    expect(came.out).toContain('1 check: 1 failed');
  });

  it('says of a missing data folder how to make it, and does not make it', async () => {
    const came = await stage.run('doctor --data /tmp/parlance-is-not-here');
    expect(came.out).toContain(
      'warn  data folder    /tmp/parlance-is-not-here is not there yet: run',
    );
    expect(came.out).not.toContain('schema');
    expect((await stage.run('account list --data /tmp/parlance-is-not-here')).err).toBe(
      'parlance: There is no data folder /tmp/parlance-is-not-here: name another with --data, or make it with `parlance migrate`.',
    );
  });

  it.each([
    [200, '{"status":"ready"}', 'ok port', 'is served, and ready.', 0],
    [503, '{"status":"not ready"}', 'warn port', 'is served and not ready: see the log', 0],
    [
      200,
      'It works!',
      'FAIL port',
      'is taken by another program: stop that, or set `http.port`.',
      1,
    ],
  ])('knows what listens: %d %s', async (status, body, begins, says, code) => {
    const { server, port } = await answering(status, body);
    const came = await checked('port', `--set http.port=${port}`);
    expect(came.line).toContain(begins);
    expect(came.line).toContain(says);
    expect(came.code).toBe(code);
    server.close();
  });

  it('knows a free port', async () => {
    const { server, port } = await answering(200, '');
    await new Promise((resolve) => server.close(resolve));
    const came = await checked('port', `--set http.port=${port}`);
    expect(came.line).toBe(`ok port 127.0.0.1:${port} is free: nothing is serving now.`);
  });

  it('prints what the engine says of itself as it is', async () => {
    const { read } = stage.world.storage;
    read.problems = async () => [
      'The server has fsync = off: set it to on.',
      'Clocks differ: mend them.',
    ];
    const came = await checked('integrity');
    expect(came).toEqual({
      line: 'FAIL integrity The server has fsync = off: set it to on. Clocks differ: mend them.',
      code: 1,
    });
  });

  it('finds a balance that is not the sum of its ledger', async () => {
    await stage.did('account create shop --credit 10');
    const account = await stage.world.gateway.owner.accountNamed('shop');
    await stage.world.storage.write((tx) =>
      tx.accounts.setBalances(new Map([[account.id, millicredits(11_000)]])),
    );
    const came = await checked('ledger');
    expect(came.line).toMatch(/^FAIL ledger 1 balance not the sum .* 11\.00 ≠ 10\.00/);
    expect(came.code).toBe(1);
  });

  it('finds messages that nobody moves on', async () => {
    await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
    const send = 'send shop --to 0412345678 --sender CompanyABC --text Hi';
    await stage.did(send);
    expect((await checked('messages')).line).toBe(
      'warn messages 1 message queued, and nothing serves here: start `parlance serve`, which settles that within seconds.',
    );
    await stage.did(`${send} --at "2026-03-01 01:00:00"`);
    await stage.world.clock.advance(2 * 3_600_000);
    expect((await checked('messages')).line).toMatch(
      /^warn messages 1 message whose time has passed/,
    );
  });

  it('finds messages whose link is gone', async () => {
    await stage.did('account create shop --credit 10', 'sender add shop CompanyABC');
    await stage.did('send shop --to 0412345678 --sender CompanyABC --text Hi');
    stage.configured.splice(0, 1, 'other');
    const came = await checked('links');
    expect(came.line).toBe(
      "FAIL links messages wait for links that are not configured: 'test' (1): put the link back into the configuration until its queue is empty.",
    );
    expect(came.code).toBe(1);
  });

  it('finds links that are down', async () => {
    const { storage, clock } = stage.world;
    const now = clock.now();
    const [linkId, nodeId] = ['test' as LinkId, 'a' as NodeId];
    const said = { demotedSince: null, receipts: null, failures: null };
    await storage.write(async (tx) => {
      await tx.linkHolders.hold([{ linkId, slots: 1 }], { nodeId, now, until: now + 1 });
      await tx.linkHolders.tell(nodeId, [{ linkId, state: 'down', since: now, ...said }]);
    });
    expect((await checked('links')).line).toBe(
      "warn links links are down: 'test': see the log of the node that holds them for what their network says.",
    );
  });

  it('finds rules that are never reached', async () => {
    stage.routes = [{ links: ['test'] }, { tags: ['otp'], links: ['test'] }];
    expect(await checked('configuration')).toEqual({
      line: 'warn configuration routes[1] is never reached: routes[0] takes all that it would (from the command line): put it before that one, or take it out.',
      code: 0,
    });
  });

  it('finds settings that a dialect cannot read', async () => {
    await stage.did('account create shop');
    const account = await stage.world.gateway.owner.accountNamed('shop');
    await stage.world.gateway.owner.updateAccount({
      ...account,
      settings: { mobilemessage: { edition: '1999' } },
    });
    expect((await checked('accounts')).line).toMatch(
      /^FAIL accounts settings that cannot be read, so that defaults hold: shop: mobilemessage\.edition: /,
    );
  });

  it('doubts a clock that was set back', async () => {
    await stage.did('account create shop');
    const account = await stage.world.gateway.owner.accountNamed('shop');
    await stage.world.storage.write((tx) =>
      tx.accounts.insert({
        ...account,
        id: stage.world.ids.next(),
        name: 'later',
        createdAt: stage.world.clock.now() + 3_600_000,
      }),
    );
    const came = await checked('clock');
    expect(came.line).toMatch(/^warn clock it is 2026-03-01 00:00:00 UTC here, but something was/);
    expect(came.code).toBe(0);
  });

  it('reports storage that cannot be opened, and goes no further', async () => {
    const refused = Object.assign(new Error('The database has schema 0: run `parlance migrate`.'), {
      name: 'StorageRefused',
    });
    const other = await createStage({
      dispatch: false,
      context: { open: () => Promise.reject(refused) },
    });
    const came = await other.run('doctor');
    expect(came.code).toBe(1);
    expect(came.out).toContain(
      'FAIL  schema         The database has schema 0: run `parlance migrate`.',
    );
    expect(came.out).not.toContain('ledger');
    await other.close();
  });
});
