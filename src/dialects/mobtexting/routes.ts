import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError } from '../../core/errors.ts';
import type { DialectContext, Refusal } from '../dialect.ts';
import { arriving, grantTime, whileWaitedFor } from '../shared/arrival.ts';
import { addBodyParser } from '../shared/body.ts';
import { addErrorHandler, refuse } from '../shared/error-handler.ts';
import type { Query } from '../shared/query.ts';
import type { Upload } from '../shared/upload.ts';
import { beginUpload, isForm } from '../shared/upload.ts';
import type { Admitted } from './auth.ts';
import { authenticate, tokenOf } from './auth.ts';
import type { Answer, Call, CallUpload, Endpoint, Method } from './call.ts';
import { endpoints } from './endpoints.ts';
import { loginPage, refusalOf, toLogin, wantsJson } from './errors.ts';
import { countGet } from './get-limit.ts';
import type { Input } from './input.ts';
import { readInput } from './input.ts';
import { settingsOf } from './settings.ts';

/** The most bytes of a body, where its endpoint does not say otherwise. */
export const bodyLimit = 512 * 1024;
/** Of a body that must be read before it is known who sends it, since the token is in it. */
const strangersLimit = 256 * 1024;

const allMethods: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A path with all that can be done there. */
type Path = Omit<Endpoint, 'version'>;

/** What is known of a request on its way to its endpoint. */
interface Passing {
  upload?: CallUpload;
  admitted?: Admitted;
  contentType: string;
  input?: Input;
}

/** Adds the whole API to a server of its own. */
export function mount(server: FastifyInstance, context: DialectContext): void {
  const { prefix } = server;
  const paths = pathsOf(endpoints);
  const byUrl = new Map(paths.map((path) => [prefix + path.path, path]));
  const passing = new WeakMap<FastifyRequest, Passing>();
  const toRefusal = (error: GatewayError, request: FastifyRequest): Refusal =>
    error.code === 'unauthenticated' && !wantsJson(request.headers)
      ? toLogin(originOf(request, prefix, context.publicUrl) + prefix)
      : refusalOf(error);

  server.addHook('onRequest', async (request) => {
    // What reads bodies here asks no type; who reads a stream must know it.
    passing.set(request, { contentType: request.headers['content-type'] ?? '' });
  });
  addBodyParser(server, (request) => {
    const path = byUrl.get(request.routeOptions.url ?? '');
    if (path?.upload) return null;
    return passing.get(request)?.admitted ? (path?.bodyLimit ?? bodyLimit) : strangersLimit;
  });
  addErrorHandler(server, toRefusal);
  for (const path of paths) addPath(server, path, { passing, context });
  server.get('/login', (_request, reply) => {
    const { status, contentType, body, headers = {} } = loginPage;
    return reply.code(status).headers(headers).header('content-type', contentType).send(body);
  });
  server.setNotFoundHandler((request, reply) => {
    refuse(new GatewayError('not_found', 'Not Found'), request, reply, toRefusal);
  });
}

function pathsOf(all: readonly Endpoint[]): Path[] {
  const paths = new Map<string, Path>();
  for (const { version = 'v2', path, methods, ...more } of all) {
    const url = `/api/${version}${path}`;
    const known = paths.get(url);
    paths.set(url, { ...known, ...more, path: url, methods: { ...known?.methods, ...methods } });
  }
  return [...paths.values()];
}

interface Parts {
  passing: WeakMap<FastifyRequest, Passing>;
  context: DialectContext;
}

function addPath(server: FastifyInstance, path: Path, { passing, context }: Parts): void {
  const { path: url, methods } = path;
  const allow = allMethods
    .filter((method) => methods[method])
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ');
  const of = (request: FastifyRequest): Passing => passing.get(request) as Passing;
  const arrivalOf = (request: FastifyRequest, reply: FastifyReply, passed: Passing): CallUpload => {
    const body = request.body as IncomingMessage;
    const signal = context.gateway.imports.until(whileWaitedFor(reply.raw));
    let begun: Promise<Upload> | undefined;
    return {
      signal,
      begin: () => {
        if (passed.admitted) grantTime(body);
        return (begun ??= beginUpload(arriving(body, signal), passed.contentType));
      },
    };
  };
  const admit = async (request: FastifyRequest, shown: string | undefined): Promise<void> => {
    of(request).admitted = await authenticate(context.gateway, shown, request.ip);
  };

  server.route({
    method: [...allMethods],
    url,
    onRequest: async (request) => {
      const shown = tokenOf(request);
      const mayBeInside = !path.upload || isForm(of(request).contentType);
      if (shown !== undefined || !mayBeInside || isRead(request.method))
        await admit(request, shown);
    },
    preHandler: async (request, reply) => {
      const passed = of(request);
      if (path.upload && request.body) passed.upload = arrivalOf(request, reply, passed);
      if (!passed.admitted) {
        const inside = passed.upload ? await tokenBeforeFile(passed.upload) : tokenIn(request);
        await admit(request, inside);
      }
      const { caller } = passed.admitted as Admitted;
      const isGet = isRead(request.method);
      if (isGet) await countGet(caller, reply, context);
      passed.input = readInput(request.query as Query, bytesOf(request));
      // What another verb only carries is a GET all the same.
      const asks = methodOf(request.method, passed.input);
      if (!isGet && asks === 'GET') await countGet(caller, reply, context);
    },
    handler: async (request, reply) => {
      const { input = {} } = of(request);
      const method = methodOf(request.method, input);
      const handle = methods[method];
      if (!handle) {
        reply.header('allow', allow);
        throw new GatewayError(
          'method_not_allowed',
          `The ${method} method is not supported for this route. Supported methods: ${allow}.`,
        );
      }
      const { admitted } = of(request);
      const { caller, token } = admitted as Admitted;
      const call: Call = {
        caller,
        token,
        settings: settingsOf(caller.view),
        params: request.params as Call['params'],
        input,
        body: bytesOf(request),
        upload: of(request).upload,
        url: urlOf(request, server.prefix, context.publicUrl),
        query: queryOf(request),
      };
      return send(reply, await handle(call, context));
    },
  });
  server.options(url, (_request, reply) => reply.code(204).header('allow', allow).send());
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';

function bytesOf({ body }: FastifyRequest): Buffer | undefined {
  return Buffer.isBuffer(body) ? body : undefined;
}

/** A token in a field of a form, before its file. Of the file nothing is read of somebody who is not known. */
async function tokenBeforeFile(upload: CallUpload): Promise<string | undefined> {
  try {
    const { fields } = await upload.begin();
    return fields.get('access_token') || undefined;
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}

/** A token in the body. A body that cannot be read has none: who it is from decides over what he is told. */
function tokenIn(request: FastifyRequest): string | undefined {
  try {
    const { access_token: token } = readInput({}, bytesOf(request));
    return typeof token === 'string' && token !== '' ? token : undefined;
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}

/** "You can specify the desired action using the query parameter _method" (seed), whatever the verb. */
function methodOf(verb: string, { _method: wanted }: Input): Method {
  const upper = typeof wanted === 'string' ? wanted.toUpperCase() : '';
  return allMethods.find((one) => one === upper) ?? allMethods.find((one) => one === verb) ?? 'GET';
}

/** Where it stands under a prefix it is found by the public URL; at the root of a host of its own, by that one. */
function originOf({ protocol, host }: FastifyRequest, prefix: string, publicUrl: string): string {
  return prefix === '' ? `${protocol}://${host}` : publicUrl;
}

function urlOf(request: FastifyRequest, prefix: string, publicUrl: string): string {
  const [path = ''] = request.url.split('?');
  return originOf(request, prefix, publicUrl) + path.replace(/\/+$/, '');
}

/** What leads to the other pages of the same list: whose it is stands in no URL that we write. */
function queryOf({ url }: FastifyRequest): string {
  const query = new URLSearchParams(/\?.*$/s.exec(url)?.[0]);
  query.delete('page');
  query.delete('access_token');
  return query.toString();
}

function send(reply: FastifyReply, { status = 200, body }: Answer): FastifyReply {
  reply.code(status).header('content-type', 'application/json');
  // As bytes: to a text Fastify adds a charset, which Laravel's answers have not.
  return reply.send(Buffer.from(JSON.stringify(body)));
}
