import { addressesOf } from './accept.ts';
import { sendThrough, startSink } from './end-to-end.ts';
import type { Plan } from './gateway.ts';
import { startGateway } from './gateway.ts';
import { post } from './load.ts';
import { figure } from './machine.ts';
import type { BenchPostgres } from './postgres.ts';
import { startPostgres } from './postgres.ts';
import type { Running } from './process.ts';
import { sendRequest } from './request.ts';
import { messages, seconds, warmUpMessages, warmUpSeconds } from './scale.ts';
import type { Stage } from './stage.ts';
import { onStage } from './stage.ts';
import { tableText } from './table.ts';

/** A sandbox that takes what it gets and reports at once; each node may hold it. */
const sandbox = {
  transport: 'sandbox',
  nodes: 2,
  settings: { window: 10_000, latencyMs: 0, receiptDelayMs: 0 },
};
const whole = {
  roles: 'api,dispatch,notify',
  settings: { 'webhooks.allow': '127.0.0.1', links: JSON.stringify({ sandbox }) },
};

interface Setup {
  name: string;
  nodes: number;
  /** Absent: SQLite. */
  server?: BenchPostgres;
}

interface Figures {
  what: string;
  messagesPerSecond: number;
  /** CPU for each message, in microseconds. */
  gatewayUs: number;
  postgresUs: number;
}

/** SQLite, one node on PostgreSQL and two of them, side by side: accepting, and the whole way. */
export function nodes(): Promise<string> {
  return onStage(async (stage) => {
    const server = await startPostgres(stage);
    const setups: Setup[] = [
      { name: 'SQLite', nodes: 1 },
      { name: 'PostgreSQL, 1 node', nodes: 1, server },
      { name: 'PostgreSQL, 2 nodes', nodes: 2, server },
    ];
    const rows: string[][] = [];
    for (const setup of setups) {
      for (const one of [...(await accept(setup)), await endToEnd(setup)]) {
        const cpu = [one.gatewayUs, one.postgresUs].map((us) => (us > 0 ? figure(us) : '–'));
        rows.push([setup.name, one.what, figure(one.messagesPerSecond), ...cpu]);
      }
    }
    const titles = ['', '', 'messages/s', 'gateway µs', 'PostgreSQL µs'];
    return [
      '\nSQLite, PostgreSQL with one node and with two; CPU for each message, of all nodes together',
      tableText(titles, rows, new Set([2, 3, 4])),
      '  end to end: HTTP in, 10 messages a request → sandbox → receipt → webhook answered 200',
      `  ${server.description}`,
    ].join('\n');
  });
}

function accept(setup: Setup): Promise<Figures[]> {
  return withGateway(setup, { roles: 'api' }, async (running) => {
    const urls = addressesOf(running);
    const found: Figures[] = [];
    for (const perRequest of [1, 100]) {
      const body = sendRequest(perRequest);
      await post(urls, body, { duration: warmUpSeconds });
      const spent = await meter(setup, running);
      const load = await post(urls, body, { duration: seconds });
      found.push({
        what: `accept, ${perRequest} a request`,
        messagesPerSecond: load.requestsPerSecond * perRequest,
        ...(await spent(load.requests * perRequest)),
      });
    }
    return found;
  });
}

function endToEnd(setup: Setup): Promise<Figures> {
  return onStage(async (stage) => {
    const sink = await startSink(stage);
    return withGateway(setup, { ...whole, webhook: sink.url }, async (running) => {
      await sendThrough(running, sink, warmUpMessages);
      const spent = await meter(setup, running);
      const tookMs = await sendThrough(running, sink, messages);
      return {
        what: 'end to end',
        messagesPerSecond: (messages / tookMs) * 1000,
        ...(await spent(messages)),
      };
    });
  });
}

/** Runs a gateway on a storage of its own, which is gone afterwards. */
function withGateway<T>(
  { nodes, server }: Setup,
  plan: Plan,
  run: (running: Running[]) => Promise<T>,
): Promise<T> {
  return onStage(async (stage: Stage) => {
    const data = await stage.folder();
    if (server) stage.later(() => server.drop('bench'));
    const storage = server ? await server.database('bench') : '';
    return run(await startGateway(stage, { data, storage }, { ...plan, nodes }));
  });
}

/** Begins to measure CPU; what it gives ends that, and shares it among so many messages. */
async function meter({ server }: Setup, running: readonly Running[]) {
  const now = async () => {
    const nodes = await Promise.all(running.map((node) => node.cpuMs()));
    return {
      gateway: nodes.reduce((sum, ms) => sum + ms, 0),
      postgres: (await server?.cpuMs()) ?? 0,
    };
  };
  const before = await now();
  return async (messages: number) => {
    const after = await now();
    return {
      gatewayUs: ((after.gateway - before.gateway) / messages) * 1000,
      postgresUs: ((after.postgres - before.postgres) / messages) * 1000,
    };
  };
}
