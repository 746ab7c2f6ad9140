import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { Dialect, DialectContext } from '../dialects/dialect.ts';
import { addFront } from './front.ts';
import { addHealth } from './health.ts';
import type { HealthParts } from './health.ts';

export interface HttpSettings {
  host: string;
  port: number;
  /** The most bytes a request's header lines may have together. */
  headerBytes: number;
  requestTimeoutMs: number;
  maxConnections: number;
  trustProxy: readonly string[];
  /** By dialect: host names at whose root it stands, and a port of its own. */
  mounts: Readonly<Record<string, { hosts: readonly string[]; port: number | null }>>;
}

/**
 * Node reads this many header bytes before it hangs up without a word; the limit that clients meet is
 * `headerBytes`, which is answered in their dialect.
 */
const headerBytesRead = 64 * 1024;

/**
 * The one server: each dialect is an encapsulated plugin at `/<name>`, with its own parsers,
 * authentication, error shape and 404. Host names of a dialect are rewritten to its prefix, so that
 * there is one set of routes.
 */
export async function buildServer(parts: {
  settings: HttpSettings;
  dialects: readonly Dialect[];
  context: DialectContext;
  health: HealthParts;
  log: FastifyBaseLogger;
}): Promise<FastifyInstance> {
  const { settings, dialects } = parts;
  const prefixOfHost = new Map<string, string>();
  for (const dialect of dialects) {
    for (const host of settings.mounts[dialect.name]?.hosts ?? []) {
      prefixOfHost.set(host.toLowerCase(), `/${dialect.name}`);
    }
  }

  const server = Fastify({
    loggerInstance: parts.log,
    // One line for what went wrong is written by the error handlers; a line for each request would
    // cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    requestTimeout: settings.requestTimeoutMs,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    trustProxy: settings.trustProxy.length > 0 ? [...settings.trustProxy] : false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    http: { maxHeaderSize: headerBytesRead, headersTimeout: 15_000 },
    rewriteUrl: (request) => rewrite(request, prefixOfHost),
    genReqId: () => '',
    // A child logger for each request costs more than the line that is hardly ever written.
    childLoggerFactory: (log) => log,
  });
  server.server.maxConnections = settings.maxConnections;

  server.addHook('onRequest', (request, _reply, done) => {
    let bytes = 0;
    for (const line of request.raw.rawHeaders) bytes += line.length + 2;
    done(
      bytes > settings.headerBytes
        ? new GatewayError(
            'headers_too_large',
            `The request's header has ${bytes} bytes; at most ${settings.headerBytes} are allowed.`,
          )
        : undefined,
    );
  });
  addHealth(server, parts.health);
  addFront(server, dialects);
  for (const dialect of dialects) {
    await server.register(
      async (plugin) => {
        await dialect.mount(plugin, parts.context);
      },
      { prefix: `/${dialect.name}` },
    );
  }
  await server.ready();
  return server;
}

/** Further servers, for dialects with a port of their own; they share the routes of the first. */
export async function listenOnOwnPorts(
  server: FastifyInstance,
  settings: HttpSettings,
): Promise<Server[]> {
  const servers: Server[] = [];
  for (const [name, { port }] of Object.entries(settings.mounts)) {
    if (port === null) continue;
    const own = createServer(
      { maxHeaderSize: headerBytesRead, requestTimeout: settings.requestTimeoutMs },
      (request, response) => {
        request.url = underPrefix(request.url ?? '/', `/${name}`);
        server.routing(request, response);
      },
    );
    own.maxConnections = settings.maxConnections;
    await new Promise<void>((resolve, reject) => {
      own.once('error', reject);
      own.listen(port, settings.host, resolve);
    });
    servers.push(own);
  }
  return servers;
}

function rewrite(request: IncomingMessage, prefixOfHost: ReadonlyMap<string, string>): string {
  const url = request.url ?? '/';
  if (prefixOfHost.size === 0) return url;
  const host = request.headers.host?.replace(/:\d+$/, '').toLowerCase();
  const prefix = host === undefined ? undefined : prefixOfHost.get(host);
  return prefix === undefined ? url : underPrefix(url, prefix);
}

/** A link that we made ourselves names the dialect already, whichever host it is followed on. */
function underPrefix(url: string, prefix: string): string {
  return url.startsWith(`${prefix}/`) ? url : prefix + url;
}
