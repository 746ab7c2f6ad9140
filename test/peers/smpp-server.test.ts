import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import smpp from 'smpp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SmppWorld } from '../support/smpp-world.ts';
import { createSmppWorld } from '../support/smpp-world.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { WebhookReceiver } from '../support/webhook-receiver.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

// Clients that others wrote, bound to our server: what they make of it is theirs alone.

let world: SmppWorld;
let account: Awaited<ReturnType<SmppWorld['account']>>;
const number = '61400000010';
beforeEach(async () => {
  world = await createSmppWorld();
  account = await world.account({
    senders: ['CompanyABC', { address: number, kind: 'dedicated' }],
    // The npm package says 1 where it writes the GSM alphabet; Kannel never says 1.
    settings: { dataCoding1: 'gsm7' },
  });
});
afterEach(() => world.close());

const messages = async () =>
  world.world.gateway.searchMessages(await account.caller(), { limit: 100, offset: 0 });
const receipt = async () => {
  const { link, clock } = world.world;
  await clock.settle();
  for (const part of link.sent.splice(0))
    await link.receipt('delivered', { part, at: clock.now() });
};
const reply = (text: string) =>
  world.world.link.reply('+61412345678', number, text, world.world.clock.now());

describe('the npm package smpp', () => {
  type Pdu = InstanceType<typeof smpp.PDU>;

  async function bound(): Promise<{
    session: InstanceType<typeof smpp.Session>;
    ask(command: string, fields?: Record<string, unknown>): Promise<Pdu>;
    delivered: Pdu[];
  }> {
    const delivered: Pdu[] = [];
    const session = await new Promise<InstanceType<typeof smpp.Session>>((resolve) => {
      const one = smpp.connect({ url: world.url }, () => resolve(one));
    });
    session.on('pdu', (pdu) => {
      if (pdu.command !== 'deliver_sm') return;
      delivered.push(pdu);
      session.send(pdu.response());
    });
    session.on('error', () => {});
    const ask = (command: string, fields = {}): Promise<Pdu> =>
      new Promise((resolve) => session.send(new smpp.PDU(command, fields), resolve));
    const { systemId, password } = account.login;
    const answer = await ask('bind_transceiver', { system_id: systemId, password });
    expect(answer['command_status']).toBe(0);
    return { session, ask, delivered };
  }
  const submission = {
    source_addr_ton: 5,
    source_addr: 'CompanyABC',
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: '61412345678',
    registered_delivery: 1,
  };

  it('binds, submits, hears receipts and replies, asks, and unbinds', async () => {
    const { session, ask, delivered } = await bound();
    const taken = await ask('submit_sm', { ...submission, short_message: 'Grüße @ home' });
    expect(taken['command_status']).toBe(0);
    const id = String(taken['message_id']);
    expect(await messages()).toMatchObject([{ text: 'Grüße @ home' }]);
    await receipt();
    await reply('はい');
    await waitUntil('both are told', () => delivered.length === 2);
    const [told, answered] = delivered as [Pdu, Pdu];
    expect(told).toMatchObject({
      esm_class: 0x04,
      receipted_message_id: id,
      message_state: 2,
    });
    expect(String((told['short_message'] as { message: unknown }).message)).toMatch(`id:${id} `);
    expect((answered['short_message'] as { message: unknown }).message).toBe('はい');
    expect(answered).toMatchObject({ source_addr: '61412345678', destination_addr: number });
    const found = await ask('query_sm', { message_id: id, source_addr: 'CompanyABC' });
    expect(found).toMatchObject({ command_status: 0, message_state: 2 });
    expect(await ask('unbind')).toMatchObject({ command: 'unbind_resp', command_status: 0 });
    session.close();
  });

  it('sends long messages in pieces of its own, and whole', async () => {
    const { ask, delivered, session } = await bound();
    const texts = ['Hello, ', 'world'];
    const answers = await Promise.all(
      texts.map((message, at) =>
        ask('submit_sm', {
          ...submission,
          esm_class: 0x40,
          short_message: { udh: Buffer.from([5, 0, 3, 9, 2, at + 1]), message },
        }),
      ),
    );
    expect(answers.map((one) => one['command_status'])).toEqual([0, 0]);
    const whole = await ask('submit_sm', {
      ...submission,
      message_payload: { message: 'A'.repeat(400) },
    });
    expect(whole['command_status']).toBe(0);
    const stored = (await messages()).map(({ text }) => text);
    expect(stored.toSorted()).toEqual(['A'.repeat(400), 'Hello, world']);
    await receipt();
    await waitUntil('each id has its receipt', () => delivered.length === 3);
    const told = delivered.map((one) => one['receipted_message_id']);
    const ids = [...answers, whole].map((one) => one['message_id']);
    expect(new Set(told)).toEqual(new Set(ids));
    session.close();
  });
});

/** Where the program is, or undefined. */
function find(program: string): string | undefined {
  return [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin']
    .map((folder) => path.join(folder, program))
    .find((file) => existsSync(file));
}
const [bearerbox, smsbox] = [find('bearerbox'), find('smsbox')];
if (!bearerbox || !smsbox) console.log('Kannel is not installed: its tests are left out');

describe.skipIf(!bearerbox || !smsbox)('Kannel', () => {
  let folder: string;
  let receiver: WebhookReceiver;
  const pids: (() => void)[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-kannel-'));
    await mkdir(path.join(folder, 'spool'));
    receiver = await startReceiver((_, response) => response.end(''));
  });
  afterEach(async () => {
    for (const kill of pids.splice(0)) kill();
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('sends in all its ways, and hears receipts and replies', { timeout: 60_000 }, async () => {
    const [admin = 0, box = 0, http = 0] = await freePorts(3);
    const file = path.join(folder, 'kannel.conf');
    await writeFile(file, configuration({ admin, box, http }));
    for (const [program, port] of [
      [bearerbox, box],
      [smsbox, http],
    ] as const) {
      const child = spawn(program as string, ['-v', '4', file], { stdio: 'ignore' });
      pids.push(() => child.kill('SIGKILL'));
      await waitUntil(`${program} listens`, () => listens(port));
    }
    await waitUntil('it is bound', () => world.server.bound === 1);

    const texts = ['Hello, 5 €', 'Привет', 'Long enough. '.repeat(30).trim()];
    for (const [at, text] of texts.entries()) {
      const query = new URLSearchParams({
        username: 'tester',
        password: 'secret',
        from: 'CompanyABC',
        to: '61412345678',
        text,
        charset: 'UTF-8',
        coding: at === 1 ? '2' : '0',
        'dlr-mask': '3',
        'dlr-url': `${receiver.url}?nr=${at}&what=%d&id=%F`,
      });
      const answer = await fetch(`http://127.0.0.1:${http}/cgi-bin/sendsms?${query.toString()}`);
      expect(answer.status).toBe(202);
    }
    await waitUntil('all are here', async () => (await messages()).length === 3);
    expect((await messages()).map(({ text }) => text).toSorted()).toEqual(texts.toSorted());
    await receipt();
    await waitUntil('each is told', () =>
      [0, 1, 2].every((nr) =>
        receiver.received.some(({ path: url }) => url.includes(`nr=${nr}&what=1`)),
      ),
    );
    await reply('a reply');
    await waitUntil('the reply is there', () =>
      receiver.received.some(({ path: url }) => url.includes('said=a+reply')),
    );
  });

  function configuration({ admin, box, http }: Record<'admin' | 'box' | 'http', number>): string {
    const { systemId, password } = account.login;
    return `
group = core
admin-port = ${admin}
admin-interface = 127.0.0.1
admin-password = secret
smsbox-port = ${box}
smsbox-interface = 127.0.0.1
store-type = spool
store-location = ${path.join(folder, 'spool')}
dlr-storage = internal
log-file = ${path.join(folder, 'bearerbox.log')}

group = smsc
smsc = smpp
smsc-id = parlance
host = 127.0.0.1
port = ${new URL(world.url).port}
transceiver-mode = true
smsc-username = ${systemId}
smsc-password = ${password}
system-type = ""
source-addr-autodetect = true
dest-addr-ton = 1
dest-addr-npi = 1
max-pending-submits = 10
enquire-link-interval = 5

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = ${box}
sendsms-port = ${http}
sendsms-interface = 127.0.0.1
log-file = ${path.join(folder, 'smsbox.log')}

group = sendsms-user
username = tester
password = secret
max-messages = 10
concatenation = true

group = sms-service
keyword = default
get-url = "${receiver.url}?from=%p&to=%P&said=%a"
catch-all = true
max-messages = 0
`;
  }
});

/** Ports that nobody listens on at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
        }),
    ),
  );
  return ports;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
