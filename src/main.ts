/**
 * The composition root: the one file that names engines, dialects, transports and workers together.
 * Run as a program it is the `parlance` command.
 */
import { mkdir } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { diskStore } from './archive/disk.ts';
import { s3Store } from './archive/s3.ts';
import type { CliContext, OpenedGateway } from './cli/context.ts';
import { createOutput } from './cli/output.ts';
import { runCli } from './cli/program.ts';
import type { Config } from './config/load.ts';
import { loadConfig } from './config/load.ts';
import { publicUrlOf } from './config/public-url.ts';
import { createVault, loadOrCreateKey } from './config/secrets.ts';
import { Archive } from './core/archive/archive.ts';
import { Archiver } from './core/archive/archiver.ts';
import type { CampaignLimits } from './core/campaigns/campaign.ts';
import { Gateway } from './core/gateway.ts';
import type { DevicePolicy } from './core/devices/device.ts';
import type { NodeId } from './core/ids.ts';
import type { UserSettings } from './core/users/settings.ts';
import type { ArchiveStore } from './core/ports/archive-store.ts';
import type { Dispatcher } from './core/ports/dispatcher.ts';
import type { Mailer } from './core/ports/mailer.ts';
import type { Meter } from './core/ports/meter.ts';
import type { Storage } from './core/ports/storage.ts';
import type { Vault } from './core/ports/vault.ts';
import { Routing } from './core/routing/routing.ts';
import { demoText, makeDemoAccounts } from './cli/demo.ts';
import { programVersion } from './cli/shared/version.ts';
import { smppPorts, smppSettings } from './cli/smpp.ts';
import { presentVault } from './cli/migrate/key.ts';
import { acceptOwnKey, bringUpToDate, moveFolder, takeBackFolder } from './cli/migrate/move.ts';
import { dialects } from './dialects/index.ts';
import { rowFilesIn } from './files/row-files.ts';
import type { Mountable } from './http/server.ts';
import { buildServer } from './http/server.ts';
import { optoutLinkPrefix } from './http/optout-links.ts';
import { consoleApi, consolePrefix } from './http/console-api/index.ts';
import { sealedTextPrefix } from './http/sealed-texts.ts';
import { shortLinkPrefix } from './http/short-links.ts';
import { askBy } from './net/ask.ts';
import { folderMailer } from './mail/folder.ts';
import { smtpMailer } from './mail/smtp.ts';
import { createHttpClient } from './net/http-client.ts';
import { createHttpThread } from './net/http-thread.ts';
import { createLog } from './observability/log.ts';
import { createMetrics } from './observability/metrics.ts';
import { form as smppForm, SmppServer, wayIn as smppWayIn } from './smpp-server/index.ts';
import { admit } from './storage/move/admit.ts';
import { placeName } from './storage/move/place-name.ts';
import { lockDataFolder } from './storage/folder-lock.ts';
import { migrateStorage, openStorage } from './storage/engines/index.ts';
import { backupSqlite } from './storage/engines/sqlite/backup.ts';
import { createClock } from './system/clock.ts';
import { Closing } from './system/closing.ts';
import { homeOf } from './system/home.ts';
import { createIds } from './system/ids.ts';
import { signalled } from './system/signalled.ts';
import { transports } from './transports/index.ts';
import { devicePolicyOf, phone } from './transports/phone/index.ts';
import type { RoutesContext } from './transports/transport.ts';
import { archiveWorker } from './workers/archive.ts';
import { campaignWorker } from './workers/campaigns.ts';
import { DispatchWorker } from './workers/dispatch.ts';
import { showLoad } from './workers/gauges.ts';
import type { LinkPlan } from './workers/link-holder.ts';
import { LinkHolder } from './workers/link-holder.ts';
import { LinkWatch } from './workers/link-watch.ts';
import { mailWorker } from './workers/mail.ts';
import { NotifyWorker } from './workers/notify.ts';
import { Registry } from './workers/registry.ts';
import { sightingWorker } from './workers/sightings.ts';
import { cutsAt, retainWorker, sweepWorker } from './workers/sweep.ts';
import { visitWorker } from './workers/visits.ts';
import { warnOfProblems } from './workers/warn-of-problems.ts';
import type { Worker } from './workers/worker.ts';

const clock = createClock();
const ids = createIds();
const hour = 3_600_000;
const day = 24 * hour;
/** All by which an account's programs come in. */
const waysIn = [...dialects, smppWayIn];
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

/** The core around a storage. */
function buildGateway(
  config: Config,
  parts: { storage: Storage; vault: Vault; meter: Meter; dispatcher: Dispatcher },
  publicUrl: () => string = () => config.http.publicUrl,
): Gateway {
  const { delivery, shortLinks } = config;
  return new Gateway({
    ...parts,
    clock,
    ids,
    routing: new Routing(config.routes, config.links, {
      clock,
      patienceMs: delivery.failoverAfterSeconds * 1000,
    }),
    forms: dialects.map((dialect) => dialect.form),
    sessionForms: [smppForm],
    ...devicePolicy(config),
    operator: { kind: 'owner', id: null, name: shellUser(), address: null },
    users: userSettings(config, publicUrl),
    shortLinks: {
      ...shortLinks,
      smart: {
        most: shortLinks.smartRequests,
        windowMs: (shortLinks.smartWindowMinutes * hour) / 60,
      },
      base: () =>
        shortLinks.url === '' ? `${publicUrl()}${shortLinkPrefix}/` : `${shortLinks.url}/`,
    },
    sealedTexts: { base: () => `${publicUrl()}${sealedTextPrefix}/` },
    rowFiles: rowFilesIn(config.data),
    campaigns: campaignLimits(config),
    optoutLinks: { base: () => `${publicUrl()}${optoutLinkPrefix}/` },
    settings: {
      validityMs: delivery.validityHours * hour,
      maxAttempts: delivery.maxAttempts,
      receiptTimeoutMs: delivery.receiptTimeoutHours * hour,
      answerTimeoutMs: delivery.answerTimeoutSeconds * 1000,
      replyWindowMs: delivery.replyWindowDays * day,
    },
  });
}

/** Where messages and replies go that have been kept long enough, if anywhere. */
function archiveStoreOf({ data, retention }: Config): {
  store: ArchiveStore | undefined;
  close(): Promise<void>;
} {
  const nothingToClose = async () => {};
  if (retention.archive === 'none') return { store: undefined, close: nothingToClose };
  if (retention.archive === 'disk') {
    const folder = retention.archiveFolder || path.join(data, 'archive');
    return { store: diskStore(folder), close: nothingToClose };
  }
  const http = createHttpClient({ allow: retention.archiveAllow, userAgent: 'Parlance' });
  const store = s3Store(
    {
      url: retention.archiveBucket,
      region: retention.archiveRegion,
      keyId: retention.archiveKeyId,
      secret: retention.archiveSecret,
    },
    http,
  );
  return { store, close: () => http.close() };
}

/** Who runs this process: for the audit log. */
function shellUser(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the number of a user may have no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function userSettings({ users }: Config, publicUrl: () => string): UserSettings {
  const minute = 60_000;
  const rate = ({ most, seconds }: { most: number; seconds: number }) => ({
    most,
    windowMs: seconds * 1000,
  });
  return {
    passwordPage: () => `${publicUrl()}${consolePrefix}/password`,
    session: { idleMs: users.idleMinutes * minute, lifeMs: users.sessionHours * hour },
    activationMs: users.invitationHours * hour,
    resetMs: users.resetMinutes * minute,
    limits: {
      passwordReset: rate(users.limits.passwordReset),
      twoFactor: rate(users.limits.twoFactor),
      activation: rate(users.limits.activation),
    },
  };
}

/** Where mail goes. */
function mailerOf({ mail, data }: Config): Mailer {
  if (mail.host === '') return folderMailer(path.join(data, 'mail'), mail.from);
  return smtpMailer({ ...mail, timeoutMs: mail.timeoutSeconds * 1000 });
}

function campaignLimits({ campaigns, retention }: Config): CampaignLimits {
  const minute = hour / 60;
  return {
    fileBytes: campaigns.fileMegabytes * 1024 * 1024,
    quickRows: campaigns.quickRows,
    bulkRows: campaigns.bulkRows,
    otherRows: campaigns.otherMediaRows,
    scheduleLeastMs: campaigns.scheduleMinutesLeast * minute,
    scheduleMostMs: campaigns.scheduleDaysMost * day,
    batchLeast: campaigns.batchRowsLeast,
    batchMost: campaigns.batchRowsMost,
    batchEveryLeastMs: campaigns.batchMinutesLeast * minute,
    batchEveryMostMs: campaigns.batchMinutesMost * minute,
    tags: campaigns.optoutTags,
    waiting: campaigns.waitingMessages,
    idleMs: retention.campaignsDays * day,
  };
}

/** By the one link of phones, where there is one. */
function devicePolicy({ links }: Config): { devices?: DevicePolicy } {
  const link = [...links.values()].find(({ transport }) => transport === phone.name);
  return link ? { devices: devicePolicyOf(phone.settings.parse(link.settings)) } : {};
}

/** For commands: the gateway without links, workers and a server, beside a serving process or alone. */
async function open(config: Config): Promise<OpenedGateway> {
  const storage = await openStorage(config);
  const vault = await presentVault(config, storage);
  await admit(storage, vault);
  const gateway = buildGateway(config, {
    storage,
    vault,
    meter: createMetrics().meter,
    dispatcher: new DispatchWorker(ids.next<NodeId>(), storage),
  });
  const archive = archiveStoreOf(config);
  return {
    gateway,
    storage,
    archive: new Archive({ storage, store: archive.store, clock, ids }),
    close: async () => {
      await archive.close();
      await storage.close();
    },
  };
}

/**
 * Serves until a signal. Parts are made from the inside out, and whatever ends it, a signal or a part that
 * could not be made, they are closed from the outside in. Nothing is claimed before the ports are open: a
 * node that fails at that would hold what others could send.
 */
async function serve(config: Config, { demo }: { demo: boolean }): Promise<void> {
  const [exposed] = openHosts(config);
  if (demo && exposed) {
    throw new Error(
      `The demo has public credentials and listens on this machine only, but ${exposed.key} is ${exposed.host}. Serve without --demo, or set ${exposed.key} to 127.0.0.1.`,
    );
  }
  const log = createLog(config.log);
  const closing = new Closing(log);
  // The timers of the clock do not keep the process alive, and with the server closed nothing else might.
  const alive = setInterval(() => {}, 1_000);
  try {
    await start(config, demo, log, closing);
    await signalled(log);
  } finally {
    await closing.closeAll();
    clearInterval(alive);
  }
  log.info('stopped');
}

async function start(config: Config, demo: boolean, log: Logger, closing: Closing): Promise<void> {
  await mkdir(config.data, { recursive: true });
  const lock = await lockDataFolder(config.data);
  closing.add('the lock of the data folder', async () => lock.release());
  await migrateStorage(config);
  const storage = await openStorage(config);
  closing.add('storage', () => storage.close());
  const vault = createVault(await loadOrCreateKey(config.data, config.security.key));
  await admit(storage, vault);
  for (const warning of config.warnings) log.warn(warning);
  await warnOfProblems(storage, log);
  await prepareStorage(storage, config, log);
  const metrics = createMetrics();
  const dispatcher = new DispatchWorker(ids.next<NodeId>(), storage);
  let publicUrl = config.http.publicUrl;
  const tools = { storage, vault, meter: metrics.meter, dispatcher };
  const gateway = buildGateway(config, tools, () => publicUrl);
  const context = gateway.delivery;
  const { health } = context.routing;
  if (demo) await refuseBesideOthers(gateway, storage);
  else await refuseOpenDemo(gateway, config);
  const http = createHttpThread({
    // Whoever tries the demo has his webhook receiver on the same machine.
    allow: demo ? [...config.webhooks.allow, '127.0.0.0/8', '::1/128'] : config.webhooks.allow,
    connectionsPerHost: config.webhooks.connectionsPerHost,
    userAgent: 'Parlance',
  });
  closing.add('the HTTP client', () => http.close());

  const node = {
    id: dispatcher.nodeId,
    name: `${hostname()}/${process.pid}`,
    roles: config.roles,
    version: programVersion(),
    home: await homeOf(config.data),
  };
  const registry = new Registry(node, { storage, clock, log });
  closing.add('the registry', () => registry.stop());
  const workers: Worker[] = [];
  let holder: LinkHolder | undefined;
  if (config.roles.includes('dispatch')) {
    dispatcher.serve(context, gateway.linkNews, log);
    const links = linkPlans(config, log);
    const held = new LinkHolder({ links, storage, clock, dispatcher, host: gateway, log });
    health.attend((id) => held.stateOf(id));
    holder = held;
    workers.push(holder, dispatcher);
    workers.push(sweepWorker(context, log), retainWorker(context, keepMs(config), log));
    workers.push(campaignWorker(gateway.expansion, { clock, nodeId: node.id, log }));
    const archive = archiveStoreOf(config);
    closing.add('the archive', () => archive.close());
    if (archive.store) {
      const { nodeId } = dispatcher;
      const archiver = new Archiver({ storage, store: archive.store, clock, ids, nodeId });
      workers.push(archiveWorker(archiver, keepMs(config), { clock, log }));
    }
  }
  if (config.roles.includes('notify')) {
    const atOncePerHost = config.webhooks.connectionsPerHost;
    const { nodeId } = dispatcher;
    workers.push(new NotifyWorker({ gateway, vault, http, atOncePerHost, nodeId, log }));
    workers.push(mailWorker(gateway.users.post, mailerOf(config), { nodeId, clock, log }));
  }
  if (config.roles.includes('api')) {
    workers.push(visitWorker(gateway.shortLinks, { clock, log }));
    workers.push(sightingWorker(gateway.devices, { clock, log }));
  }
  workers.push(new LinkWatch({ health, storage, clock, nodeId: node.id, log }));
  closing.add('the workers', async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  });
  showLoad(metrics, dispatcher, { storage, clock, health }, [...config.links.keys()]);

  const settings = httpSettings(config);
  const reached = {
    gateway,
    clock,
    ask: askBy(http),
    get publicUrl() {
      return publicUrl;
    },
  };
  const server = await buildServer({
    settings,
    dialects: config.roles.includes('api') ? dialects : [],
    mounted: [
      ...(config.roles.includes('api') ? routesOfLinks(config, reached) : []),
      ...(config.roles.includes('console') ? [consoleApi(reached, waysIn)] : []),
    ],
    context: reached,
    health: {
      ready: () => (closing.begun ? Promise.reject(new Error('stopping')) : storage.ping()),
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.render() }),
    },
    log,
  });
  if (demo) await makeDemoAccounts(gateway, waysIn, config.accounts);
  const url = await server.listen();
  closing.add('the ports', () => server.close());
  // With port 0 the configuration could not know it.
  if (publicUrl === publicUrlOf(config.http.host, 0)) publicUrl = url;

  const smpp = new SmppServer(
    { gateway, nodeId: node.id, log },
    await smppSettings(config, { demo }),
  );
  const smppUrls = config.roles.includes('api') ? await smppPorts(smpp, config, { demo }) : [];
  closing.add('the SMPP clients', () => smpp.stop());
  metrics.gauge('smpp_clients', 'SMPP clients that are bound here.', () => smpp.bound);

  await registry.join();
  await holder?.join();
  for (const worker of [registry, ...workers]) worker.start();
  // Also where nobody may bind: what waits for sessions comes to its end.
  if (config.roles.includes('api')) smpp.start();
  log.info({ url, smpp: smppUrls, roles: config.roles, data: config.data }, 'listening');
  const place = config.storage === '' ? config.data : placeName(config.storage);
  if (demo) process.stdout.write(demoText(url, dialects, place, smppUrls[0]));
}

/** The settings by whose hosts others than this machine can reach us. */
function openHosts({ http, smppServer }: Config): { key: string; host: string }[] {
  const hosts = [{ key: 'http.host', host: http.host }];
  if (smppServer.port !== null || smppServer.tlsPort !== null) {
    hosts.push({ key: 'smppServer.host', host: smppServer.host });
  }
  return hosts.filter(({ host }) => !isLoopback(host));
}

/** Credentials that everybody knows are for an installation of its own. */
async function refuseBesideOthers(gateway: Gateway, storage: Storage): Promise<void> {
  const known = await Promise.all(waysIn.map(({ demo }) => gateway.owner.findAccount(demo.name)));
  if (known.every((account) => account !== undefined)) return;
  const accounts = await storage.read.accounts.list({ limit: waysIn.length + 2, offset: 0 });
  const demos = new Set<string>(waysIn.map(({ demo }) => demo.name));
  if (accounts.every(({ name }) => name.startsWith('~') || demos.has(name))) return;
  throw new Error(
    'The demo has public credentials and is for an installation of its own, but this one has accounts. Serve without --demo, or name another folder with --data.',
  );
}

/** They are not for an installation that listens beyond this machine. */
async function refuseOpenDemo(gateway: Gateway, config: Config): Promise<void> {
  const [exposed] = openHosts(config);
  if (!exposed) return;
  for (const { demo } of waysIn) {
    const account = await gateway.owner.findAccount(demo.name);
    if (account?.status !== 'active') continue;
    throw new Error(
      `This installation has the account ${demo.name} of the demo, whose password everybody knows. Run \`parlance account suspend ${demo.name}\`, or set ${exposed.key} to 127.0.0.1.`,
    );
  }
}

/** Beside nodes that write much it may have to be put off: the worker that retains does it each minute. */
async function prepareStorage(storage: Storage, config: Config, log: Logger): Promise<void> {
  try {
    await storage.maintain(clock.now(), cutsAt(clock.now(), keepMs(config)));
  } catch (error) {
    log.warn(
      { err: error },
      'tables could not be prepared for the weeks to come; it is tried again',
    );
  }
}

/** How each link of the configuration is made, whenever this node holds it. */
function linkPlans(config: Config, log: Logger): LinkPlan[] {
  const links: LinkPlan[] = [];
  for (const [id, { transport: name, nodes, settings }] of config.links) {
    const transport = transports.find((one) => one.name === name);
    if (!transport) throw new Error(`links.${id}.transport: there is no transport '${name}'`);
    const create = () =>
      transport.create(id, settings, {
        clock,
        dataFolder: config.data,
        log: (level, what, more = {}) => log[level]({ link: id, ...more }, what),
      });
    links.push({ id, nodes, create });
  }
  return links;
}

/** What networks call that call us. */
function routesOfLinks({ links }: Config, context: RoutesContext): Mountable[] {
  return [...links].flatMap(([id, { transport: name, settings }]) => {
    const transport = transports.find((one) => one.name === name);
    return transport?.routes?.({ id, settings }, context) ?? [];
  });
}

function httpSettings({ http, dialects: mounts, shortLinks }: Config) {
  return {
    host: http.host,
    port: http.port,
    headerBytes: http.headerBytes,
    requestTimeoutMs: http.requestTimeoutSeconds * 1000,
    maxConnections: http.maxConnections,
    trustProxy: http.trustProxy,
    shortLinkHost: URL.parse(shortLinks.url)?.hostname ?? null,
    mounts,
  };
}

function keepMs({ retention }: Config) {
  return {
    messages: retention.messagesDays * day,
    replies: retention.repliesDays * day,
    archived: retention.archive !== 'none',
    timeline: Math.min(retention.timelineDays, retention.messagesDays) * day,
    // What they tell of messages and replies is gone no later than these.
    notifications:
      Math.min(retention.notificationsDays, retention.messagesDays, retention.repliesDays) * day,
    unconfirmed: retention.unconfirmedDays * day,
    idempotency: retention.idempotencyHours * hour,
    parkedReceipts: retention.parkedReceiptsHours * hour,
    segments: 24 * hour,
    rates: 0,
    enrolmentCodes: 0,
    shortLinks: retention.shortLinksDays * day,
    visits: retention.visitsDays * day,
    sealedTexts: 0,
    logins: 0,
    mails: retention.mailsDays * day,
    audit: retention.auditDays * day,
    campaigns: retention.campaignsDays * day,
  };
}

/** The parts put together as the commands use them; benchmarks do so too. */
export const composition: CliContext = {
  config: ({ file, flags }) =>
    loadConfig({
      file,
      flags,
      env: process.env,
      dialects: dialects.map((dialect) => dialect.name),
      dialectWords: Object.fromEntries(dialects.map(({ name, words = {} }) => [name, words])),
      transports: new Map(transports.map((transport) => [transport.name, transport])),
    }),
  open,
  migrate: bringUpToDate,
  move: (config, from, onProgress) => moveFolder(config, from, clock, onProgress),
  undoMove: takeBackFolder,
  acceptKey: (config) => acceptOwnKey(config, clock),
  backup: ({ data }, file, watch) => backupSqlite(data, file, watch),
  serve,
  dialects,
  waysIn,
  out: createOutput(),
};

if (import.meta.main) process.exitCode = await runCli(process.argv, composition);
