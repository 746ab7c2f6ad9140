/**
 * The floor of "end to end": the least that a gateway of the same parts does. Fastify and zod take a message, one
 * row in SQLite holds all that is known of it, the codec and the session of `smpp/` hand it over, the HTTP client
 * of `net/` tells its client. Every step is on disk before anybody is answered, and all steps of two turns of the
 * loop share a commit, as in the gateway. There are no accounts, log-ins, prices, ledger, routes, parts, retries,
 * time-outs, opt-outs, signatures or lists, and one index: the ids of the carrier.
 *
 * Takes the ports of the SMSC and of the webhooks, and the folder of the database.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import Fastify from 'fastify';
import { z } from 'zod';
import { createHttpClient } from '../../src/net/http-client.ts';
import { tlvText } from '../../src/smpp/codec/tlv.ts';
import type { Outgoing } from '../../src/smpp/session.ts';
import { Session } from '../../src/smpp/session.ts';
import { createClock } from '../../src/system/clock.ts';
import { sender, smscLogin } from '../e2e/protocol.ts';

const [smscPort, webhookPort, folder] = process.argv.slice(2) as [string, string, string];

const db = new DatabaseSync(path.join(folder, 'bare.db'));
db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 4000');
db.exec(
  `create table messages (id integer primary key, destination text, sender text, text text, ref text,
     status text, upstream_id text, created_at integer, done_at integer, told_at integer);
   create index upstream on messages (upstream_id) where upstream_id is not null`,
);
const insert = db.prepare(
  `insert into messages (id, destination, sender, text, ref, status, created_at) values (?, ?, ?, ?, ?, 'sending', ?)`,
);
const sent = db.prepare(`update messages set status = 'sent', upstream_id = ? where id = ?`);
const delivered = db.prepare(
  `update messages set status = 'delivered', done_at = ? where upstream_id = ? returning id, ref, destination`,
);
const told = db.prepare('update messages set told_at = ? where id = ?');

type Step = { write(): unknown; done(written: unknown): void };
let steps: Step[] = [];

/** Writes with all others of these two turns of the loop, then goes on. */
function commit(write: Step['write'], done: Step['done']): void {
  if (steps.push({ write, done }) > 1) return;
  setImmediate(() =>
    setImmediate(() => {
      const now = steps;
      steps = [];
      db.exec('begin immediate');
      const written = now.map((step) => step.write());
      db.exec('commit');
      now.forEach((step, at) => step.done(written[at]));
    }),
  );
}

// What is told waits here and not in storage: with its bound of 1024 the client would refuse some.
const http = createHttpClient({ allow: ['127.0.0.1'], userAgent: 'bare', waitingPerHost: 100_000 });

function tell(message: { id: number; ref: string; destination: string }): void {
  const body = JSON.stringify({
    status: 'delivered',
    custom_ref: message.ref,
    to: message.destination,
  });
  const headers = { 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${webhookPort}/`;
  void http.request({ method: 'POST', url, headers, body, timeoutMs: 5_000 }).then(() =>
    commit(
      () => told.run(Date.now(), message.id),
      () => {},
    ),
  );
}

const socket = connect({ host: '127.0.0.1', port: Number(smscPort) });
await once(socket, 'connect');
const session = new Session(
  socket,
  createClock(),
  { responseTimeoutMs: 10_000, enquireLinkMs: 0, mostOpenRequests: 10_000 },
  {
    onRequest(pdu, answer) {
      if (pdu.command !== 'deliver_sm') return;
      const id = tlvText(pdu.tlvs, 'receipted_message_id');
      commit(
        () => delivered.get(Date.now(), id as string),
        (row) => {
          answer({ command: 'deliver_sm_resp', status: 0, messageId: '', tlvs: [] });
          tell(row as Parameters<typeof tell>[0]);
        },
      );
    },
    onClosed: (reason) => {
      throw new Error(reason);
    },
    onOddity: (what) => {
      throw new Error(what);
    },
  },
);
await session.ask({
  command: 'bind_transceiver',
  ...smscLogin,
  systemType: '',
  interfaceVersion: 0x34,
  addrTon: 0,
  addrNpi: 0,
  addressRange: '',
});

const common = {
  command: 'submit_sm',
  serviceType: '',
  sourceAddrTon: 5,
  sourceAddrNpi: 0,
  sourceAddr: sender,
  destAddrTon: 1,
  destAddrNpi: 1,
  esmClass: 0,
  protocolId: 0,
  priorityFlag: 0,
  scheduleDeliveryTime: '',
  validityPeriod: '',
  registeredDelivery: 1,
  replaceIfPresentFlag: 0,
  dataCoding: 0,
  smDefaultMsgId: 0,
  tlvs: [],
} as const satisfies Partial<Outgoing>;

function handOver(id: number, destination: string, text: string): void {
  const shortMessage = Buffer.from(text, 'latin1');
  session.request({ ...common, destinationAddr: destination, shortMessage }, (answer) => {
    if (answer.kind !== 'answered' || answer.pdu.command !== 'submit_sm_resp') return;
    const { messageId } = answer.pdu;
    commit(
      () => sent.run(messageId, id),
      () => {},
    );
  });
}

const schema = z.object({
  messages: z
    .array(
      z.object({
        to: z.string(),
        message: z.string(),
        sender: z.string(),
        custom_ref: z.string(),
      }),
    )
    .min(1)
    .max(1),
});
type Wanted = z.infer<typeof schema>['messages'][number];

let last = 0;
const server = Fastify();
server.post(
  '/v1/messages',
  (request) =>
    new Promise((resolve) => {
      const {
        to,
        message,
        sender: from,
        custom_ref: ref,
      } = schema.parse(request.body).messages[0] as Wanted;
      const id = ++last;
      const destination = `61${to.slice(1)}`;
      commit(
        () => insert.run(id, destination, from, message, ref, Date.now()),
        () => {
          resolve({
            status: 'complete',
            results: [{ to: `+${destination}`, message_id: String(id) }],
          });
          handOver(id, destination, message);
        },
      );
    }),
);
console.log(await server.listen({ host: '127.0.0.1', port: 0 }));
