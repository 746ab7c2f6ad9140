import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DialectContext } from '../dialect.ts';
import { addBodyParser } from '../shared/body.ts';
import { callerOf } from '../shared/caller.ts';
import { addErrorHandler, refuse } from '../shared/error-handler.ts';
import type { Query } from '../shared/query.ts';
import { toGatewayError } from '../shared/to-gateway-error.ts';
import { Admission, allowHeader, notFound } from './admission.ts';
import type { Call, Endpoint, Method } from './call.ts';
import { methodsOf } from './call.ts';
import { addConfirmationPage } from './confirm.ts';
import { makeEndpoints } from './endpoints.ts';
import { refusalOf } from './errors.ts';
import type { Edition } from './settings.ts';
import { settingsOf } from './settings.ts';

const json = 'application/json; charset=utf-8';

/**
 * The most bytes of a body: a full request of the edition, with every character escaped for 2024, and
 * of ordinary length for 2026.
 */
export const bodyLimits: Record<Edition, number> = {
  '2024': 1024 * 1024,
  '2026': 20 * 1024 * 1024,
};
/** Of a request whose log-in is in its body: it is read from a stranger. */
const strangerLimit = 64 * 1024;

/** Adds the whole API to a server of its own. */
export function mount(server: FastifyInstance, context: DialectContext): void {
  const admission = new Admission(context.gateway);
  const endpoints = makeEndpoints();
  server.decorateRequest('caller', null);
  addBodyParser(server, bodyLimitOf);
  addErrorHandler(server, refusalOf);
  addConfirmationPage(server, context);
  for (const endpoint of endpoints) addEndpoint(server, endpoint, { admission, context });

  const byPath = new Map(endpoints.map((endpoint) => [server.prefix + endpoint.path, endpoint]));
  server.setNotFoundHandler(async (request, reply) => {
    try {
      await answerUnknown(byPath.get(pathOf(request)), request, reply, admission);
    } catch (error) {
      refuse(toGatewayError(error), request, reply, refusalOf);
    }
    return reply;
  });
}

function bodyLimitOf({ caller }: FastifyRequest): number {
  return caller === null ? strangerLimit : bodyLimits[settingsOf(caller.view).edition];
}

function addEndpoint(
  server: FastifyInstance,
  endpoint: Endpoint,
  { admission, context }: { admission: Admission; context: DialectContext },
): void {
  for (const [name, { handle }] of Object.entries(endpoint.methods)) {
    const method = name as Method;
    const admit = (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
      admission.admit(endpoint, method, request, reply);
    server.route({
      method,
      url: endpoint.path,
      exposeHeadRoute: !endpoint.changes,
      // A form may hold the log-in: it is read first, within narrow bounds.
      ...(endpoint.login === 'fields' ? { preHandler: admit } : { onRequest: admit }),
      handler: async (request, reply) => {
        reply.header('content-type', json);
        return handle(callOf(request), context);
      },
    });
  }
}

function callOf(request: FastifyRequest): Call {
  const caller = callerOf(request);
  return {
    caller,
    settings: settingsOf(caller.view),
    query: request.query as Query,
    body: request.body as Buffer | undefined,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

/** What no route took: an unknown path, or a method that a known one has not. */
async function answerUnknown(
  endpoint: Endpoint | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  admission: Admission,
): Promise<void> {
  if (!endpoint) throw notFound();
  if (request.method === 'OPTIONS') {
    reply.code(204).header('allow', allowHeader(endpoint, methodsOf(endpoint, '2026')));
    await reply.send();
    return;
  }
  await admission.refuseMethod(endpoint, request, reply);
}

function pathOf({ url }: FastifyRequest): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
