/**
 * The composition root: the one file that names engines, dialects, transports and workers together.
 * Run as a program it is the `parlance` command.
 */
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { CliContext, OpenedGateway } from './cli/context.ts';
import { createOutput } from './cli/output.ts';
import { runCli } from './cli/program.ts';
import type { Config } from './config/load.ts';
import { loadConfig } from './config/load.ts';
import { publicUrlOf } from './config/public-url.ts';
import { createVault, loadOrCreateKey } from './config/secrets.ts';
import { Gateway } from './core/gateway.ts';
import type { LinkId, NodeId } from './core/ids.ts';
import type { Dispatcher } from './core/ports/dispatcher.ts';
import type { Meter } from './core/ports/meter.ts';
import type { Storage } from './core/ports/storage.ts';
import type { Link } from './core/ports/transport.ts';
import type { Vault } from './core/ports/vault.ts';
import { Routing } from './core/routing/routing.ts';
import { demoText, makeDemoAccounts } from './cli/demo.ts';
import { dialects } from './dialects/index.ts';
import { buildServer, listenOnOwnPorts } from './http/server.ts';
import { createHttpClient } from './net/http-client.ts';
import { createLog } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import { createMetrics } from './observability/metrics.ts';
import { lockDataFolder } from './storage/engines/sqlite/lock.ts';
import { migrateSqliteStorage, openSqliteStorage } from './storage/engines/sqlite/open.ts';
import { createClock } from './system/clock.ts';
import { createIds } from './system/ids.ts';
import { transports } from './transports/index.ts';
import { DispatchWorker } from './workers/dispatch.ts';
import { NotifyWorker } from './workers/notify.ts';
import { reclaimLeftovers } from './workers/recover.ts';
import { retainWorker, sweepWorker } from './workers/sweep.ts';
import type { Worker } from './workers/worker.ts';

const clock = createClock();
const ids = createIds();
const hour = 3_600_000;
const day = 24 * hour;
/** How long a stop may take before it is enforced. */
const stopPatienceMs = 30_000;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

/** The core around a storage. */
function buildGateway(
  config: Config,
  parts: { storage: Storage; vault: Vault; meter: Meter; dispatcher: Dispatcher },
): Gateway {
  const { delivery } = config;
  return new Gateway({
    ...parts,
    clock,
    ids,
    routing: new Routing(config.routes, config.links),
    forms: dialects.map((dialect) => dialect.form),
    settings: {
      validityMs: delivery.validityHours * hour,
      maxAttempts: delivery.maxAttempts,
      receiptTimeoutMs: delivery.receiptTimeoutHours * hour,
      answerTimeoutMs: delivery.answerTimeoutSeconds * 1000,
      replyWindowMs: delivery.replyWindowDays * day,
    },
  });
}

/** For commands: the gateway without links, workers and a server, beside a serving process or alone. */
async function open(config: Config): Promise<OpenedGateway> {
  const storage = await openSqliteStorage(config.data);
  const vault = createVault(await loadOrCreateKey(config.data, config.security.key));
  const gateway = buildGateway(config, {
    storage,
    vault,
    meter: createMetrics().meter,
    dispatcher: new DispatchWorker(ids.next<NodeId>()),
  });
  return { gateway, storage, close: () => storage.close() };
}

async function serve(config: Config, { demo }: { demo: boolean }): Promise<void> {
  if (demo && !isLoopback(config.http.host)) {
    throw new Error(
      `The demo has public credentials and listens on this machine only, but http.host is ${config.http.host}. Serve without --demo, or set http.host to 127.0.0.1.`,
    );
  }
  const log = createLog(config.log);
  await mkdir(config.data, { recursive: true });
  const lock = await lockDataFolder(config.data);
  await migrateSqliteStorage(config.data);
  const storage = await openSqliteStorage(config.data);
  const vault = createVault(await loadOrCreateKey(config.data, config.security.key));
  const metrics = createMetrics();
  const dispatcher = new DispatchWorker(ids.next<NodeId>());
  const gateway = buildGateway(config, { storage, vault, meter: metrics.meter, dispatcher });
  const context = gateway.delivery;
  const leftovers = await reclaimLeftovers(context);
  if (leftovers > 0) log.info({ leftovers }, 'took over what an earlier run had claimed');

  const links = config.roles.includes('dispatch') ? await startLinks(config, gateway, log) : [];
  const http = createHttpClient({
    // Whoever tries the demo has his webhook receiver on the same machine.
    allow: demo ? [...config.webhooks.allow, '127.0.0.0/8', '::1/128'] : config.webhooks.allow,
    connectionsPerHost: config.webhooks.connectionsPerHost,
    userAgent: 'Parlance',
  });
  const workers: Worker[] = [];
  if (config.roles.includes('dispatch')) {
    dispatcher.serve(links, context, log);
    workers.push(dispatcher, sweepWorker(context, log), retainWorker(context, keepMs(config), log));
  }
  if (config.roles.includes('notify')) {
    workers.push(new NotifyWorker({ gateway, vault, http, nodeId: dispatcher.nodeId, log }));
  }

  showLoad(metrics, dispatcher, storage, [...config.links.keys()]);

  let stopping = false;
  let publicUrl = config.http.publicUrl;
  const settings = httpSettings(config);
  const server = await buildServer({
    settings,
    dialects: config.roles.includes('api') ? dialects : [],
    context: {
      gateway,
      clock,
      get publicUrl() {
        return publicUrl;
      },
    },
    health: {
      ready: () => (stopping ? Promise.reject(new Error('stopping')) : storage.ping()),
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.render() }),
    },
    log,
  });
  if (demo) await makeDemoAccounts(gateway, dialects, config.accounts);
  const url = await server.listen({ host: config.http.host, port: config.http.port });
  // With port 0 the configuration could not know it.
  if (publicUrl === publicUrlOf(config.http.host, 0)) publicUrl = url;
  const closeOwnPorts = await listenOnOwnPorts(server, settings, dialects);
  for (const worker of workers) worker.start();
  log.info({ url, roles: config.roles, data: config.data }, 'listening');
  if (demo) process.stdout.write(demoText(url, dialects, config.data));

  await signalled(log);
  stopping = true;
  // The timers of the clock do not keep the process alive, and with the server closed nothing else might.
  const alive = setInterval(() => {}, 1_000);
  // Taking in ends first, then handing over, then the network, then the disk.
  await Promise.all([server.close(), closeOwnPorts()]);
  for (const stopped of [
    await Promise.allSettled(workers.map((worker) => worker.stop())),
    await Promise.allSettled(links.map((link) => link.stop())),
  ].flat()) {
    // What could not be given back comes back when its claim runs out.
    if (stopped.status === 'rejected')
      log.warn({ err: stopped.reason }, 'a part did not stop well');
  }
  await http.close();
  await storage.close();
  lock.release();
  clearInterval(alive);
  log.info('stopped');
}

/** What is asked of the parts when somebody looks at the metrics. */
function showLoad(
  metrics: Metrics,
  dispatcher: DispatchWorker,
  storage: Storage,
  links: readonly LinkId[],
): void {
  metrics.gaugeBy(
    'queue_age_seconds',
    'How long the head of the queue of a link in storage could have been taken.',
    'link',
    () =>
      Promise.all(
        links.map(async (id) => {
          const head = await storage.read.messages.queueHead(id);
          return [id, Math.max(0, clock.now() - (head ?? clock.now())) / 1000] as const;
        }),
      ),
  );
  metrics.gaugeBy('link_parts_on_their_way', 'Parts that a link has not answered.', 'link', () =>
    dispatcher.load().map(({ linkId, onTheirWay }) => [linkId, onTheirWay]),
  );
  metrics.gaugeBy(
    'link_messages_in_memory',
    'Messages that wait in memory for a link.',
    'link',
    () => dispatcher.load().map(({ linkId, waiting }) => [linkId, waiting]),
  );
}

async function startLinks(config: Config, gateway: Gateway, log: Logger): Promise<Link[]> {
  const links: Link[] = [];
  for (const [id, { transport: name, settings }] of config.links) {
    const transport = transports.find((one) => one.name === name);
    if (!transport) throw new Error(`links.${id}.transport: there is no transport '${name}'`);
    const link = transport.create(id, settings, {
      clock,
      dataFolder: config.data,
      log: (level, what, more = {}) => log[level]({ link: id, ...more }, what),
    });
    await link.start(gateway);
    links.push(link);
  }
  return links;
}

function httpSettings({ http, dialects: mounts }: Config) {
  return {
    host: http.host,
    port: http.port,
    headerBytes: http.headerBytes,
    requestTimeoutMs: http.requestTimeoutSeconds * 1000,
    maxConnections: http.maxConnections,
    trustProxy: http.trustProxy,
    mounts,
  };
}

function keepMs({ retention }: Config) {
  return {
    messages: retention.messagesDays * day,
    replies: retention.repliesDays * day,
    notifications: retention.notificationsDays * day,
    idempotency: retention.idempotencyHours * hour,
    parkedReceipts: retention.parkedReceiptsHours * hour,
  };
}

/** A signal sent to a whole process group arrives twice: only one that comes later is a second one. */
const sameSignalMs = 1_000;

/** Resolves at the first SIGTERM or SIGINT; a second one, or a stop that hangs, ends the process. */
function signalled(log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (firstAt !== undefined) {
        if (performance.now() - firstAt > sameSignalMs) process.exit(130);
        return;
      }
      firstAt = performance.now();
      log.info({ signal }, 'stopping: finishing what is in flight; a second signal forces');
      setTimeout(() => {
        log.error('the stop took too long and is enforced; leases bring back what was claimed');
        process.exit(1);
      }, stopPatienceMs).unref();
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** The parts put together as the commands use them; benchmarks do so too. */
export const composition: CliContext = {
  config: ({ file, flags }) =>
    loadConfig({
      file,
      flags,
      env: process.env,
      dialects: dialects.map((dialect) => dialect.name),
      transports: new Map(transports.map((transport) => [transport.name, transport.settings])),
    }),
  open,
  migrate: async (config) => {
    await mkdir(config.data, { recursive: true });
    return migrateSqliteStorage(config.data);
  },
  serve,
  dialects,
  out: createOutput(),
};

if (import.meta.main) process.exitCode = await runCli(process.argv, composition);
