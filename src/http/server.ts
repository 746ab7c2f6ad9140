import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import Fastify, { LogController } from 'fastify';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { Dialect, DialectContext, Refusal } from '../dialects/dialect.ts';
import { limitArrival, longestArrivalMs } from '../dialects/shared/arrival.ts';
import { addFront } from './front.ts';
import type { HealthParts } from './health.ts';
import { addHealth } from './health.ts';
import type { Listener, Port } from './listener/listener.ts';
import { listen } from './listener/listener.ts';
import type { Bound } from './listener/messages.ts';
import { Refusals } from './refusals.ts';
import { addOptoutLinks } from './optout-links.ts';
import { addSealedTexts } from './sealed-texts.ts';
import { addShortLinks, shortLinkPrefix } from './short-links.ts';

export interface HttpSettings {
  host: string;
  port: number;
  /** The most bytes a request's header lines may have together. */
  headerBytes: number;
  /** How long a request may take to arrive; of a file, how long it may send nothing. */
  requestTimeoutMs: number;
  maxConnections: number;
  trustProxy: readonly string[];
  /** The host name that is for short links alone; null: none is. */
  shortLinkHost: string | null;
  /** By dialect: host names at whose root it stands, a port of its own, and what it has of `Dialect.words`. */
  mounts: Readonly<
    Record<string, { hosts: readonly string[]; port: number | null; [word: string]: unknown }>
  >;
}

/** What is called beside the dialects, below prefixes of its own: a transport's network. */
export interface Mountable {
  readonly prefixes: readonly string[];
  mount(server: FastifyInstance, prefix: string): void | Promise<void>;
  refuse(error: GatewayError): Refusal;
}

/**
 * Node reads this many header bytes before it hangs up; the limit that clients meet is `headerBytes`,
 * which is answered by the routes.
 */
const headerBytesRead = 64 * 1024;
/** What Node itself is told, for each server alike. */
const wireSettings = {
  maxHeaderSize: headerBytesRead,
  headersTimeout: 15_000,
  // Bodies have times of their own, by what they are (`limitArrival`); this is behind the longest of them.
  requestTimeout: longestArrivalMs + 60_000,
  requireHostHeader: false,
};
/** Longer than the idle time of the usual proxies, so that it is they who end a connection. */
const keepAliveTimeoutMs = 72_000;
/** The server and its ports. */
export interface HttpServer {
  /** Its routes, with nothing between. */
  readonly routes: FastifyInstance;
  /**
   * Opens its port, and the own ports of dialects. @returns the URL of the first.
   * @throws Error of the system when a port is taken.
   */
  listen(): Promise<string>;
  /**
   * Lets requests in flight have their answer, which tells the client to use the connection no more.
   * @param how `destroy`: nobody has his answer any more.
   */
  close(how?: 'destroy'): Promise<void>;
}

/**
 * The one server: each dialect is an encapsulated plugin at `/<name>`, with its own parsers,
 * authentication, error shape and 404. Host names of a dialect are rewritten to its prefix, so that
 * there is one set of routes.
 */
export async function buildServer(parts: {
  settings: HttpSettings;
  dialects: readonly Dialect[];
  mounted?: readonly Mountable[];
  context: DialectContext;
  health: HealthParts;
  log: FastifyBaseLogger;
}): Promise<HttpServer> {
  const { settings, dialects, mounted = [] } = parts;
  const prefixOfHost = new Map<string, string>();
  for (const { name } of dialects) {
    for (const host of settings.mounts[name]?.hosts ?? []) {
      prefixOfHost.set(host.toLowerCase(), `/${name}`);
    }
  }
  if (settings.shortLinkHost !== null) {
    prefixOfHost.set(settings.shortLinkHost.toLowerCase(), shortLinkPrefix);
  }
  const refusals = new Refusals(dialects, mounted);
  const prefixes = mounted.flatMap((one) => one.prefixes);
  let closing = false;
  let listener: Listener | undefined;

  const server = Fastify({
    loggerInstance: parts.log,
    // One line for what went wrong is written by the error handlers; a line for each request would
    // cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: wireSettings.requestTimeout,
    connectionTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Who comes on a connection that is still open is served, and told to open no further request on it.
    return503OnClosing: false,
    trustProxy: settings.trustProxy.length > 0 ? [...settings.trustProxy] : false,
    // A step of a path may be a list: a hundred phone numbers, every sign between them escaped.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2000 },
    http: wireSettings,
    rewriteUrl: (request) => {
      // Here every request comes by, also one whose URL cannot be read, on whichever port.
      limitArrival(request, settings.requestTimeoutMs);
      return rewrite(request, prefixOfHost, prefixes);
    },
    genReqId: () => '',
    clientErrorHandler: (problem, socket) => refusals.hangUp(problem, socket, (path) => path),
    frameworkErrors: (_error, request, reply) => {
      const error = new GatewayError('invalid_request', 'The URL of the request is not valid.');
      refusals.send(error, request.raw.url ?? '/', reply);
    },
  });
  // A logger for each request costs more than the line that is hardly ever written; and what a `childLoggerFactory`
  // gives is looked at for each of them, whether it is one.
  server.log.child = () => server.log;
  // "Expect: …" of any kind is answered by the answer itself.
  server.server.on('checkExpectation', (request, response) => server.routing(request, response));

  // Outside of the dialects nobody reads a body, so that none can be wrong.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  server.setNotFoundHandler((_request, reply) => {
    refusals.send(new GatewayError('not_found', 'Not found'), '/', reply);
  });
  server.setErrorHandler((error, request, reply) => {
    const known =
      error instanceof GatewayError
        ? error
        : new GatewayError('internal', 'Something went wrong.', { cause: error });
    if (known.code === 'internal') request.log.error({ err: error }, 'a request failed');
    else request.log.info({ code: known.code }, 'a request was refused');
    refusals.send(known, '/', reply);
  });
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
  server.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
  addHealth(server, parts.health);
  addFront(server, dialects);
  if (dialects.length > 0) {
    addShortLinks(server, parts.context.gateway.shortLinks);
    addSealedTexts(server, parts.context.gateway.sealedTexts);
    addOptoutLinks(server, parts.context.gateway.optoutLinks);
  }
  for (const dialect of dialects) {
    await server.register(
      async (plugin) => {
        await dialect.mount(plugin, parts.context, settings.mounts[dialect.name] ?? {});
      },
      { prefix: `/${dialect.name}` },
    );
  }
  for (const one of mounted) {
    for (const prefix of one.prefixes) {
      await server.register(async (plugin) => one.mount(plugin, prefix), { prefix });
    }
  }
  await server.ready();
  return {
    routes: server,
    async listen() {
      listener = await listen(portsOf(server, settings, refusals), {
        maxConnections: settings.maxConnections,
        keepAliveMs: keepAliveTimeoutMs,
      });
      return urlOf(listener.bound[0]?.[0] as Bound);
    },
    async close(how) {
      closing = true;
      parts.context.gateway.imports.stop();
      if (how === 'destroy') await listener?.destroy();
      // Beside each other: what streams ends by the hooks of its routes, and waits for nothing.
      await Promise.all([listener?.close(), server.close()]);
    },
  };
}

/** The port of all, and those that dialects have for their own; they share the routes. */
function portsOf(
  server: FastifyInstance,
  settings: HttpSettings,
  refusals: Refusals,
): readonly Port[] {
  const { host, port, mounts } = settings;
  const ports: Port[] = [
    {
      host,
      port,
      serve: (request, response) => server.routing(request, response),
      http: server.server,
    },
  ];
  for (const [name, { port: own }] of Object.entries(mounts)) {
    if (own === null) continue;
    const prefix = `/${name}`;
    const serve: RequestListener = (request, response) => {
      request.url = underPrefix(pathOf(request.url), prefix);
      server.routing(request, response);
    };
    const http = createServer({ ...wireSettings, keepAliveTimeout: keepAliveTimeoutMs }, serve);
    http.on('checkExpectation', serve);
    http.on('clientError', (problem, socket) =>
      refusals.hangUp(problem, socket as Parameters<Refusals['hangUp']>[1], (path) =>
        underPrefix(path, prefix),
      ),
    );
    ports.push({ host, port: own, serve, http });
  }
  return ports;
}

/** As clients on this machine write it. */
function urlOf({ address, port }: Bound): string {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @param prefixes that are the same on every host: a phone knows one, and so does the program beside it. */
function rewrite(
  request: IncomingMessage,
  prefixOfHost: ReadonlyMap<string, string>,
  prefixes: readonly string[],
): string {
  const path = withoutDoubledSlashes(pathOf(request.url), prefixes);
  if (prefixOfHost.size === 0 || isBelow(path, prefixes)) return path;
  const host = request.headers.host?.replace(/:\d+$/, '').toLowerCase();
  const prefix = host === undefined ? undefined : prefixOfHost.get(host);
  return prefix === undefined ? path : underPrefix(path, prefix);
}

/** Of paths below one of these prefixes: clients put together a base that ends with a slash and a path. */
function withoutDoubledSlashes(path: string, prefixes: readonly string[]): string {
  const end = endOf(path);
  const doubled = path.indexOf('//');
  if (doubled < 0 || doubled >= end) return path;
  const single = path.slice(0, end).replaceAll(/\/{2,}/g, '/');
  return isBelow(single, prefixes) ? single + path.slice(end) : path;
}

function isBelow(path: string, prefixes: readonly string[]): boolean {
  const step = `${path.slice(0, endOf(path))}/`;
  return prefixes.some((prefix) => step.startsWith(`${prefix}/`));
}

/** Where the query begins. */
function endOf(path: string): number {
  const query = path.indexOf('?');
  return query < 0 ? path.length : query;
}

/** Of the absolute form that proxies are sent (RFC 9112 section 3.2.2), the path. */
function pathOf(url = '/'): string {
  return url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
}

/** A link that we made ourselves names the dialect already, whichever host it is followed on. */
function underPrefix(path: string, prefix: string): string {
  return path.startsWith(`${prefix}/`) ? path : prefix + path;
}
