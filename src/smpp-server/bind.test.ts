import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SmppClient } from '../../test/support/smpp-client.ts';
import type { SmppWorld } from '../../test/support/smpp-world.ts';
import { createSmppWorld } from '../../test/support/smpp-world.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../net/testkit/certificate.ts';
import { encodePdu } from '../smpp/codec/encode.ts';
import type { BindCommand, Pdu } from '../smpp/codec/pdu.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import { tlvNumber } from '../smpp/codec/tlv.ts';

let smpp: SmppWorld;
const open: SmppClient[] = [];
beforeEach(async () => {
  smpp = await createSmppWorld();
});
afterEach(async () => {
  for (const client of open.splice(0)) client.destroy();
  await smpp.close();
});

async function fresh(): Promise<SmppClient> {
  const client = await SmppClient.open(smpp.url);
  open.push(client);
  return client;
}
/** The status that a bind is answered. */
async function tryBind(login: { systemId: string; password: string }): Promise<number> {
  return (await (await fresh()).bind(login)).status;
}
const logged = (text: string) => smpp.world.log.lines.filter((line) => line.includes(text));

describe('a bind', () => {
  it.each<BindCommand>(['bind_transmitter', 'bind_receiver', 'bind_transceiver'])(
    'of kind %s is answered with who we are',
    async (command) => {
      const { login } = await smpp.account();
      const client = await fresh();
      const answer = await client.bind(login, command);
      expect(answer).toMatchObject({ command: `${command}_resp`, status: 0, systemId: 'Parlance' });
      expect('tlvs' in answer && tlvNumber(answer.tlvs, 'sc_interface_version')).toBe(0x34);
      expect(smpp.server.bound).toBe(1);
    },
  );

  it('of an older client has no optional parameters', async () => {
    const { login } = await smpp.account();
    const answer = await (await fresh()).bind({ ...login, interfaceVersion: 0x33 });
    expect(answer).toMatchObject({ status: 0, tlvs: [] });
  });

  it('with a wrong password, or a name of nobody, is refused alike and ended', async () => {
    const { login } = await smpp.account();
    for (const wrong of [
      { ...login, password: 'wrong' },
      { systemId: 'nobody', password: 'x' },
    ]) {
      const client = await fresh();
      const answer = await client.bind(wrong);
      expect(answer).toMatchObject({ status: statuses.ESME_RINVPASWD, systemId: '' });
      await client.gone();
    }
    expect(smpp.server.bound).toBe(0);
  });

  it.each(['', 'a-system-id-that-is-too-long'])('of %j is no system_id', async (systemId) => {
    // Too long for our own encoder: written by hand.
    const client = await fresh();
    const bytes = Buffer.from(`${systemId}\0secret\0\0\x34\0\0\0`, 'latin1');
    const header = Buffer.alloc(16);
    header.writeUInt32BE(16 + bytes.length, 0);
    header.writeUInt32BE(9, 4);
    header.writeUInt32BE(1, 12);
    let heard = Buffer.alloc(0);
    client.socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
    });
    client.write(Buffer.concat([header, bytes]));
    await client.gone();
    expect(heard.readUInt32BE(8)).toBe(statuses.ESME_RINVSYSID);
  });

  it('of a suspended account is refused', async () => {
    const { login } = await smpp.account({ suspended: true });
    expect(await tryBind(login)).toBe(statuses.ESME_RBINDFAIL);
  });

  it('is allowed only from the addresses of its credential', async () => {
    const here = await smpp.account({ credential: { allow: ['10.0.0.0/8', '127.0.0.0/8'] } });
    const elsewhere = await smpp.account({ credential: { allow: ['10.0.0.0/8', '::1'] } });
    expect(await tryBind(here.login)).toBe(0);
    expect(await tryBind(elsewhere.login)).toBe(statuses.ESME_RBINDFAIL);
    expect(logged('may not bind from this address')).toHaveLength(1);
  });

  it('is refused while its credential’s settings cannot be read', async () => {
    const { login } = await smpp.account({ credential: { allow: ['anywhere'] } });
    expect(await tryBind(login)).toBe(statuses.ESME_RBINDFAIL);
  });

  it('is allowed only so often at once', async () => {
    const account = await smpp.account({ credential: { maxBinds: 2 } });
    const one = await smpp.client(account);
    await smpp.client(account);
    expect(await tryBind(account.login)).toBe(statuses.ESME_RBINDFAIL);
    await one.unbind();
    await waitUntil('a place is free', async () => (await tryBind(account.login)) === 0);
  });

  it('on a session that is bound is refused, and the session goes on', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    expect((await client.bind(account.login)).status).toBe(statuses.ESME_RALYBND);
    await client.submit();
  });

  it('must come within five seconds', async () => {
    const client = await fresh();
    await smpp.world.clock.advance(4_000);
    expect(client.closed).toBe(false);
    await smpp.world.clock.advance(2_000);
    await smpp.world.clock.advance(2_000);
    await client.gone();
  });

  it('that came in time is waited for however long it takes us', async () => {
    const { login } = await smpp.account();
    const client = await fresh();
    const { authenticate } = smpp.world.gateway;
    const { login: real } = authenticate;
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let asked = false;
    authenticate.login = async (...given) => {
      asked = true;
      await held;
      return real.apply(authenticate, given);
    };
    const answer = client.bind(login);
    await waitUntil('it is being looked up', () => asked);
    await smpp.world.clock.advance(8_000);
    authenticate.login = real;
    go();
    expect((await answer).status).toBe(0);
  });

  it('must come first', async () => {
    const client = await fresh();
    expect((await client.ask('submit_sm')).status).toBe(statuses.ESME_RINVBNDSTS);
    expect((await client.ask('query_sm')).status).toBe(statuses.ESME_RINVBNDSTS);
    expect(await client.ask('enquire_link')).toMatchObject({ command: 'enquire_link_resp' });
    const { login } = await smpp.account();
    expect((await client.bind(login)).status).toBe(0);
  });

  it('that never comes does not excuse what does', async () => {
    const client = await fresh();
    for (let at = 0; at < 10; at++) await client.ask('submit_sm');
    await client.ask('submit_sm').catch(() => {});
    await client.gone();
  });

  it('is logged once, with who and whence, and never with its password', async () => {
    const account = await smpp.account({ password: 'TopScrt1' });
    await smpp.client(account);
    await tryBind({ systemId: account.login.systemId, password: 'TopScrt2' });
    expect(logged('a client is bound')).toHaveLength(1);
    expect(logged('an SMPP client was refused')).toHaveLength(1);
    expect(smpp.world.log.lines.join('\n')).not.toContain('TopScrt');
  });
});

describe('wrong passwords at rate', () => {
  it('are refused without work after some, and logged once a second; others bind', async () => {
    const attacked = await smpp.account();
    const other = await smpp.account();
    for (let at = 0; at < 25; at++) await tryBind({ ...attacked.login, password: `guess${at}` });
    expect(await tryBind(attacked.login)).toBe(statuses.ESME_RBINDFAIL);
    expect(logged('an SMPP client was refused')).toHaveLength(1);
    await smpp.world.clock.advance(1_000);
    const lines = logged('an SMPP client was refused');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] as string)).toMatchObject({ more: 25 });
    expect(await tryBind(other.login)).toBe(0);
    await smpp.world.clock.advance(60_000);
    expect(await tryBind(attacked.login)).toBe(0);
  });
});

describe('a client that may not be bound any more', () => {
  it('is unbound within seconds: its credential is revoked', async () => {
    const account = await smpp.account();
    const other = await smpp.client(await smpp.account());
    const client = await smpp.client(account);
    const { credentialId } = await account.caller();
    await smpp.world.gateway.owner.revokeCredential(credentialId);
    await smpp.world.clock.advance(3_000);
    await client.gone();
    expect(client.heard.map(({ command }) => command)).toEqual(['unbind']);
    expect(other.closed).toBe(false);
    expect(await tryBind(account.login)).toBe(statuses.ESME_RINVPASWD);
  });

  it.each([
    { what: 'its address is not allowed any more', settings: { allow: ['203.0.113.7'] }, left: 0 },
    { what: 'nobody knows what is allowed', settings: { allow: 7 }, left: 0 },
    { what: 'fewer may be bound: the newest', settings: { maxBinds: 2 }, left: 2 },
    { what: 'not for less throughput', settings: { throughput: 1 }, left: 3 },
  ])('is unbound within seconds: $what', async ({ settings, left }) => {
    const account = await smpp.account({ credential: { maxBinds: 3 } });
    const other = await smpp.client(await smpp.account());
    const clients: SmppClient[] = [];
    for (let at = 0; at < 3; at++) clients.push(await smpp.client(account));
    const { credentialId } = await account.caller();
    const { storage } = smpp.world;
    await storage.write((tx) => tx.credentials.setSettings(credentialId, settings));
    await smpp.world.clock.advance(3_000);
    await waitUntil('they are gone', () => smpp.server.bound === left + 1);
    await smpp.world.clock.advance(3_000);
    expect(clients.map(({ closed }) => !closed)).toEqual([0, 1, 2].map((nth) => nth < left));
    for (const client of clients.slice(left)) {
      expect(client.heard.map(({ command }) => command)).toEqual(['unbind']);
    }
    expect(other.closed).toBe(false);
  });

  it('is unbound within seconds: its account is suspended', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    await smpp.world.gateway.owner.updateAccount({ ...account.account, status: 'suspended' });
    await smpp.world.clock.advance(3_000);
    await client.gone();
    expect(await tryBind(account.login)).toBe(statuses.ESME_RBINDFAIL);
  });
});

describe('a session', () => {
  it('is asked whether it is there, and ended when it is not', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    await smpp.world.clock.advance(31_000);
    await waitUntil('it is asked', () => client.heard.length === 1);
    expect(client.heard.map(({ command }) => command)).toEqual(['enquire_link']);
    const deaf = connect(Number(new URL(smpp.url).port), '127.0.0.1');
    const bind: Pdu = {
      command: 'bind_transceiver',
      sequence: 1,
      status: 0,
      ...account.login,
      systemType: '',
      interfaceVersion: 0x34,
      addrTon: 0,
      addrNpi: 0,
      addressRange: '',
    };
    deaf.write(encodePdu(bind));
    let ended = false;
    deaf.on('close', () => {
      ended = true;
    });
    deaf.on('error', () => {});
    // It listens, and never says anything.
    deaf.resume();
    await waitUntil('it is bound', () => smpp.server.bound === 2);
    for (let at = 0; at < 10; at++) await smpp.world.clock.advance(15_000);
    await waitUntil('it is ended', () => ended);
    expect(client.closed).toBe(false);
  });

  it('on which nothing is asked or told for long is ended where that is configured', async () => {
    await smpp.close();
    smpp = await createSmppWorld({ smpp: { inactivityMs: 600_000 } });
    const account = await smpp.account();
    const [idle, busy] = [await smpp.client(account), await smpp.client(account)];
    for (let minutes = 0; minutes < 11; minutes++) {
      await smpp.world.clock.advance(60_000);
      await idle.ask('enquire_link').catch(() => {});
      await busy.submit();
    }
    await idle.gone();
    expect(busy.closed).toBe(false);
  });

  it('that unbinds gets its answers first', async () => {
    const client = await smpp.client(await smpp.account());
    const answers = Array.from({ length: 20 }, (_, at) =>
      client.ask('submit_sm', { destinationAddr: String(61412000000 + at) }),
    );
    const over = client.unbind();
    expect((await Promise.all(answers)).every(({ status }) => status === 0)).toBe(true);
    await over;
  });
});

describe('connections', () => {
  it.each([
    { what: 'of one address', limits: { maxConnectionsPerAddress: 2 } },
    { what: 'in all', limits: { maxConnections: 2 } },
  ])('$what are limited; a place is free when one ends', async ({ limits }) => {
    await smpp.close();
    smpp = await createSmppWorld({ smpp: limits });
    const account = await smpp.account();
    const one = await smpp.client(account);
    const two = await smpp.client(account);
    await (await fresh()).gone();
    one.destroy();
    await one.gone();
    await waitUntil('there is room', async () => {
      const client = await fresh();
      return (await client.bind(account.login).catch(() => undefined))?.status === 0;
    });
    expect(two.closed).toBe(false);
  });
});

describe('TLS', () => {
  it('has a port of its own', async () => {
    await smpp.close();
    const tls = { port: 0, cert: TEST_CERTIFICATE, key: TEST_KEY };
    smpp = await createSmppWorld({ smpp: { port: null, tls } });
    expect(smpp.url).toMatch(/^smpps:/);
    const { login } = await smpp.account();
    const port = Number(new URL(smpp.url).port);
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      ca: TEST_CERTIFICATE,
      servername: 'hooks.test',
    });
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    const client = new SmppClient(socket);
    open.push(client);
    expect((await client.bind(login)).status).toBe(0);
    expect(await client.submit()).not.toBe('');

    const plain = await fresh();
    await plain.bind(login).catch(() => {});
    await plain.gone();
    expect(logged('no TLS')).toHaveLength(1);
  });
});

describe('a server that stops', () => {
  it('answers what is open, takes nothing new, unbinds and closes', async () => {
    const account = await smpp.account();
    const client = await smpp.client(account);
    const { storage } = smpp.world;
    const { write } = storage;
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let asked = 0;
    storage.write = async (work) => {
      asked += 1;
      await held;
      return write(work);
    };
    const answer = client.ask('submit_sm');
    await waitUntil('it is being written', () => asked > 0);
    const stopped = smpp.server.stop();
    expect((await client.ask('submit_sm')).status).toBe(statuses.ESME_RSYSERR);
    await expect(SmppClient.open(smpp.url)).rejects.toThrow('ECONNREFUSED');
    storage.write = write;
    go();
    expect((await answer).status).toBe(0);
    await stopped;
    await client.gone();
    expect(client.heard.map(({ command }) => command)).toEqual(['unbind']);
  });
});
