import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { DialectContext, Refusal } from '../dialect.ts';
import { addBodyParser } from '../shared/body.ts';
import { callerOf } from '../shared/caller.ts';
import { addErrorHandler, refuse } from '../shared/error-handler.ts';
import { authenticate } from './auth.ts';
import { charsetOf } from '../shared/charset.ts';
import type { Endpoint } from './call.ts';
import { endpoints } from './endpoints.ts';
import type { Family } from './errors.ts';
import { refusalOf } from './errors.ts';
import type { Fields } from './fields.ts';
import { readFields } from './fields.ts';
import { grantToken } from './oauth.ts';
import type { ErrorStyle } from './settings.ts';
import { settingsOf } from './settings.ts';
import { addSoap } from './soap/soap.ts';

/** The most bytes of a body: the log-in may be in it, so it is read from a stranger. */
export const bodyLimit = 64 * 1024;

export const tokenPath = '/oauth2/token';
const json = 'application/json; charset=utf-8';

/** What is read of a request before it is known who asks. */
const fieldsOf = new WeakMap<FastifyRequest, Fields>();

/** Adds the whole API to a server of its own. */
export function mount(
  server: FastifyInstance,
  context: DialectContext,
  words: Readonly<Record<string, unknown>>,
): void {
  const usual: ErrorStyle = words['errors'] === 'observed' ? 'observed' : 'documented';
  const families = new Map<string, Family>(
    endpoints.map(({ path, family }) => [server.prefix + path, family]),
  );
  families.set(server.prefix + tokenPath, 'oauth');
  const toRefusal = (error: GatewayError, { routeOptions, caller }: FastifyRequest): Refusal =>
    refusalOf(
      error,
      families.get(routeOptions.url ?? ''),
      // Whose it is decides, as soon as that is known.
      (caller && settingsOf(caller.view).errors) ?? usual,
    );

  server.decorateRequest('caller', null);
  addBodyParser(server, () => bodyLimit);
  addErrorHandler(server, toRefusal);
  for (const endpoint of endpoints) addEndpoint(server, endpoint, context);
  addToken(server, context);
  addSoap(server, context);
  server.setNotFoundHandler((request, reply) => {
    refuse(new GatewayError('not_found', 'There is no such endpoint.'), request, reply, toRefusal);
  });
}

function addEndpoint(server: FastifyInstance, endpoint: Endpoint, context: DialectContext): void {
  const { path: url, handle, changes = false } = endpoint;
  const allow = changes ? 'GET, POST' : 'GET, HEAD, POST';
  // The log-in may be in the body: it is read first, within narrow bounds.
  const admit = async (request: FastifyRequest): Promise<void> => {
    const fields = read(request);
    request.caller = await authenticate(context.gateway, request, fields);
  };
  server.route({
    method: ['GET', 'POST'],
    url,
    exposeHeadRoute: !changes,
    preHandler: admit,
    handler: async (request, reply) => {
      const caller = callerOf(request);
      const settings = settingsOf(caller.view);
      const body = await handle({ caller, settings, fields: read(request) }, context);
      return send(reply, body);
    },
  });
  server.route({
    method: ['PUT', 'PATCH', 'DELETE', ...(changes ? ['HEAD'] : [])],
    url,
    // Who does not log in is told that, whatever the method.
    preHandler: async (request, reply) => {
      await admit(request);
      reply.header('allow', allow);
      throw new GatewayError('method_not_allowed', 'Only GET and POST are allowed.');
    },
    handler: () => {},
  });
  server.options(url, (_request, reply) => reply.code(204).header('allow', allow).send());
}

function addToken(server: FastifyInstance, context: DialectContext): void {
  server.post(tokenPath, async (request, reply) =>
    send(reply, await grantToken(request, reply, read(request), context)),
  );
  server.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url: tokenPath,
    handler: (_request, reply) => {
      reply.header('allow', 'POST');
      throw new GatewayError('method_not_allowed', 'Only POST is allowed.');
    },
  });
}

function read(request: FastifyRequest): Fields {
  const known = fieldsOf.get(request);
  if (known) return known;
  const bytes = request.body as Buffer | undefined;
  const query = /\?([^#]*)/.exec(request.raw.url ?? '')?.[1] ?? '';
  const fields = readFields(query, bytes && { bytes, charset: charsetOf(typeOf(request)) });
  fieldsOf.set(request, fields);
  return fields;
}

/** Of `headers` the shared parser of bodies has taken it away. */
function typeOf({ raw: { rawHeaders } }: FastifyRequest): string | undefined {
  const at = rawHeaders.findIndex(
    (name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type',
  );
  return at < 0 ? undefined : rawHeaders[at + 1];
}

function send(reply: FastifyReply, body: object): FastifyReply {
  return reply.header('content-type', json).send(JSON.stringify(body));
}
