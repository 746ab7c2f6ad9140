import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { CampaignLimits } from '../../src/core/campaigns/campaign.ts';
import { usualCampaignLimits } from '../../src/core/campaigns/campaign.ts';
import type { DeliverySettings } from '../../src/core/delivery/context.ts';
import { Gateway } from '../../src/core/gateway.ts';
import type { LinkId, NodeId } from '../../src/core/ids.ts';
import type { Ids } from '../../src/core/ports/ids.ts';
import type { Storage } from '../../src/core/ports/storage.ts';
import type { Link } from '../../src/core/ports/transport.ts';
import type { ShortLinkSettings } from '../../src/core/links/short-links.ts';
import type { Vault } from '../../src/core/ports/vault.ts';
import { Routing } from '../../src/core/routing/routing.ts';
import type { LinkPolicy, RouteRule } from '../../src/core/routing/rule.ts';
import type { DevicePolicy } from '../../src/core/devices/device.ts';
import type { Dialect, DialectContext } from '../../src/dialects/dialect.ts';
import { dialects as allDialects } from '../../src/dialects/index.ts';
import type { HttpServer, HttpSettings, Mountable } from '../../src/http/server.ts';
import { buildServer } from '../../src/http/server.ts';
import { askBy } from '../../src/net/ask.ts';
import { rowFiles } from '../../src/files/row-files.ts';
import { createHttpClient } from '../../src/net/http-client.ts';
import type { Metrics } from '../../src/observability/metrics.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { form as smppForm } from '../../src/smpp-server/index.ts';
import type { StoragePlace } from '../../src/storage/engines/index.ts';
import { campaignWorker } from '../../src/workers/campaigns.ts';
import { DispatchWorker } from '../../src/workers/dispatch.ts';
import { LinkWatch } from '../../src/workers/link-watch.ts';
import { NotifyWorker } from '../../src/workers/notify.ts';
import { sightingWorker } from '../../src/workers/sightings.ts';
import { sweepWorker } from '../../src/workers/sweep.ts';
import { visitWorker } from '../../src/workers/visits.ts';
import type { Worker } from '../../src/workers/worker.ts';
import { FakeClock } from './fake-clock.ts';
import type { MemoryLog } from './memory-log.ts';
import { memoryLog } from './memory-log.ts';
import type { TestDatabase } from './storage.ts';
import { createTestDatabase } from './storage.ts';
import { seededIds } from './seeded-ids.ts';
import { TestLink } from './test-link.ts';
import { testVault } from './test-vault.ts';
import type { AccountWish, WorldAccount } from './world-account.ts';
import { buildAccount } from './world-account.ts';

export interface WorldWish {
  /** Default a new one, deleted at the end. One that is given is kept. */
  database?: TestDatabase;
  /** The storage itself, for another engine or one that fails. */
  storage?: Storage;
  clock?: FakeClock;
  /** Tells it from other worlds on the same database: their ids differ. */
  node?: string;
  dialects?: readonly Dialect[];
  /** The ways out, started. Default: one `TestLink` called `test`. */
  links?: readonly Link[];
  routes?: readonly RouteRule[];
  policies?: ReadonlyMap<string, LinkPolicy>;
  delivery?: Partial<DeliverySettings & { validityMs: number }>;
  http?: Partial<HttpSettings>;
  publicUrl?: string;
  /** How phones are dealt with, and what is called beside the dialects. */
  devices?: DevicePolicy;
  mounted?(context: DialectContext): readonly Mountable[];
  shortLinks?: Partial<ShortLinkSettings>;
  campaigns?: Partial<CampaignLimits>;
  /** Hands messages to the links and sweeps as time goes on. Default true. */
  dispatch?: boolean;
  /** Tells webhooks, on loopback. Default false: what is to be told waits in the outbox. */
  notify?: boolean;
}

/** A whole gateway in one test: real storage, a clock that stands still, seeded ids. */
export interface World {
  readonly gateway: Gateway;
  readonly storage: Storage;
  readonly clock: FakeClock;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly metrics: Metrics;
  /** Built when it is first needed, which takes longer than all the rest of a world. */
  server(): Promise<HttpServer>;
  inject(request: InjectOptions | string): Promise<LightMyRequestResponse>;
  readonly dispatcher: DispatchWorker;
  /** The default link; throws when the world was given others. */
  readonly link: TestLink;
  readonly log: MemoryLog;
  /** Where its storage is, as a configuration says it. */
  readonly place: StoragePlace;
  /** An account with all it needs; each wish has a default. */
  account(wish?: AccountWish): Promise<WorldAccount>;
  /** Listens on a free port of the loopback, if it does not yet. @returns the URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

const hour = 3600_000;
const httpSettings: HttpSettings = {
  host: '127.0.0.1',
  port: 0,
  headerBytes: 8192,
  requestTimeoutMs: 30_000,
  maxConnections: 1000,
  trustProxy: [],
  shortLinkHost: null,
  mounts: {},
};

/** Builds a world. Call `close` at the end of the test. */
export async function createWorld(wish: WorldWish = {}): Promise<World> {
  const database = wish.database ?? (await createTestDatabase());
  const storage = wish.storage ?? (await database.open());
  const clock = wish.clock ?? new FakeClock();
  const ids = seededIds(clock, wish.node);
  const vault = testVault();
  const metrics = createMetrics();
  const log = memoryLog();
  const { dialects = allDialects } = wish;
  const testLink = new TestLink('test');
  const links = wish.links ?? [testLink];
  const dispatcher = new DispatchWorker(ids.next<NodeId>(), storage);
  const gateway = new Gateway({
    storage,
    clock,
    ids,
    vault,
    meter: metrics.meter,
    routing: routingOf(wish, links, clock),
    dispatcher,
    forms: dialects.map(({ form }) => form),
    sessionForms: [smppForm],
    shortLinks: {
      base: () => 'https://sms.example/s/',
      keepAddresses: false,
      keepUserAgents: false,
      smart: { most: 10, windowMs: 300_000 },
      ...wish.shortLinks,
    },
    sealedTexts: { base: () => 'https://sms.example/e/' },
    rowFiles,
    campaigns: { ...usualCampaignLimits, ...wish.campaigns },
    optoutLinks: { base: () => 'https://sms.example/o/' },
    ...(wish.devices && { devices: wish.devices }),
    settings: {
      validityMs: 72 * hour,
      maxAttempts: 12,
      receiptTimeoutMs: 72 * hour,
      answerTimeoutMs: 120_000,
      replyWindowMs: 30 * 24 * hour,
      ...wish.delivery,
    },
  });
  for (const link of links) await link.start(gateway);

  const workers: Worker[] = [
    visitWorker(gateway.shortLinks, { clock, log: log.logger }),
    sightingWorker(gateway.devices, { clock, log: log.logger }),
  ];
  if (wish.dispatch ?? true) {
    dispatcher.serve(gateway.delivery, gateway.linkNews, log.logger);
    for (const link of links) dispatcher.hold(link);
    const { health } = gateway.delivery.routing;
    health.attend((id) => links.find((link) => link.id === id)?.state());
    const { nodeId } = dispatcher;
    workers.push(new LinkWatch({ health, storage, clock, nodeId, log: log.logger }));
    workers.push(dispatcher, sweepWorker(gateway.delivery, log.logger));
    workers.push(campaignWorker(gateway.expansion, { clock, nodeId, log: log.logger }));
  }
  const http = createHttpClient({ allow: ['127.0.0.0/8'], userAgent: 'Parlance' });
  if (wish.notify ?? false) {
    const { nodeId } = dispatcher;
    const tools = { vault, http, atOncePerHost: 16, nodeId, log: log.logger };
    workers.push(new NotifyWorker({ gateway, ...tools }));
  }
  const context = {
    gateway,
    clock,
    ask: askBy(http),
    publicUrl: wish.publicUrl ?? 'https://sms.example',
  };
  const mounted = wish.mounted?.(context) ?? [];
  let built: Promise<HttpServer> | undefined;
  let url: Promise<string> | undefined;
  const server = () =>
    (built ??= buildServer({
      settings: { ...httpSettings, ...wish.http },
      dialects,
      mounted,
      context,
      health: {
        ready: () => storage.ping(),
        metrics: async () => ({ contentType: metrics.contentType, text: await metrics.render() }),
      },
      log: log.logger,
    }));
  for (const worker of workers) worker.start();
  await clock.settle();

  return {
    gateway,
    storage,
    clock,
    ids,
    vault,
    metrics,
    server,
    inject: async (request) => (await server()).routes.inject(request),
    dispatcher,
    get link() {
      if (wish.links) throw new Error('this world has links of its own');
      return testLink;
    },
    log,
    place: database.place,
    account: (one = {}) => buildAccount(gateway, one),
    listen: () => (url ??= server().then((one) => one.listen())),
    close: async () => {
      await (await built)?.close('destroy');
      await Promise.all(workers.map((worker) => worker.stop()));
      await Promise.all(links.map((link) => link.stop()));
      await http.destroy();
      await storage.close();
      if (!wish.database) await database.drop();
    },
  };
}

function routingOf(wish: WorldWish, links: readonly Link[], clock: FakeClock): Routing {
  const rules = wish.routes ?? [{ links: links.map(({ id }) => id) }];
  const policies = new Map(wish.policies as ReadonlyMap<LinkId, LinkPolicy> | undefined);
  return new Routing(rules, policies, { clock, patienceMs: 30_000 });
}
