import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BoundedMap } from '../../core/bounded-map.ts';
import type { StoredDevice } from '../../core/devices/device.ts';
import { GatewayError } from '../../core/errors.ts';
import { requireAllowed } from '../../core/rates.ts';
import type { DeviceId, LinkId } from '../../core/ids.ts';
import { addBodyParser } from '../../dialects/shared/body.ts';
import { addErrorHandler, refuse } from '../../dialects/shared/error-handler.ts';
import type { Query } from '../../dialects/shared/query.ts';
import { parameter } from '../../dialects/shared/query.ts';
import { formatIso } from '../../text/instant.ts';
import type { RoutesContext, TransportRoutes } from '../transport.ts';
import { Auth } from './auth.ts';
import { refusalOf } from './errors.ts';
import { hear, verifySignature } from './hooks.ts';
import { byOurClock, readInstant } from './instants.ts';
import {
  knowsTakingBack,
  presentDevice,
  presentHooks,
  presentMessage,
  presentSettings,
} from './present.ts';
import { reportOfPatch } from './reports.ts';
import {
  devicePatch,
  passwordChange,
  readBody,
  readHookEvent,
  readInbox,
  readStatePatches,
  registration,
  simsOf,
} from './schema.ts';
import type { PhoneSettings } from './settings.ts';
import { Streams } from './streams.ts';
import { isAtLeast, since, versionOf } from './versions.ts';

/** The reference server has all under `/api`, and so do its users' instructions. */
const apiPrefixes = ['/mobile/v1', '/api/mobile/v1'] as const;
const hookPrefix = '/hooks/device';

/** The most bytes of a body: of what strangers may send, and of what phones do. */
const strangerLimit = 16 * 1024;
const listLimit = 1024 * 1024;
/** Pictures come in it, which are left out. */
const hookLimit = 4 * 1024 * 1024;
const inboxLimit = 4 * 1024 * 1024;
/** Of what one phone tells at its hook, so much is read at once: the app tells one thing after the other. */
const hooksOfDevice = 4;
const hourMs = 3_600_000;
/** A clock that is off by more is said to be wrong. */
const wrongClockMs = hourMs;
/** The most messages of an answer, as the reference server has it. */
const pullLimit = 100;
/** One-time codes a minute for one log-in. */
const codesOfUser = { most: 10, windowMs: 60_000 };

const json = 'application/json; charset=utf-8';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
type DeviceHandler = (
  device: StoredDevice,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<unknown>;

/**
 * What the app calls, on every node: all there is to know is in the database. Its answers have the reference server's
 * form; a phone repeats what is answered otherwise than with 2xx, so whatever can be passed over is.
 */
export function phoneRoutes(
  link: { id: LinkId; settings: PhoneSettings },
  context: RoutesContext,
): TransportRoutes {
  const { devices } = context.gateway;
  const streams = new Streams(context.clock, (ids) => devices.present(ids));
  const auth = new Auth(context.gateway, context.clock);
  devices.wakes.on((id, news) => streams.tell(id, news));
  const given = { link, context, streams, auth };
  return {
    prefixes: [...apiPrefixes, hookPrefix],
    mount(server, prefix) {
      server.addHook('preClose', (done) => {
        streams.close();
        done();
      });
      if (prefix === hookPrefix) mountHooks(server, given);
      else mountApi(server, given);
    },
    refuse: refusalOf,
  };
}

interface Given {
  link: { id: LinkId; settings: PhoneSettings };
  context: RoutesContext;
  streams: Streams;
  auth: Auth;
}

function addAnswers(server: FastifyInstance): void {
  addErrorHandler(server, refusalOf);
  server.setNotFoundHandler((request, reply) => {
    refuse(new GatewayError('not_found', 'There is nothing here.'), request, reply, refusalOf);
  });
}

function mountApi(server: FastifyInstance, given: Given): void {
  const { auth } = given;
  addBodyParser(server, ({ routeOptions: { url = '' } }) => {
    if (url.endsWith('/inbox')) return inboxLimit;
    return /\/messages?$/.test(url) ? listLimit : strangerLimit;
  });
  addAnswers(server);
  const route = (method: 'GET' | 'POST' | 'PATCH', url: string, handler: Handler) => {
    server.route({
      method,
      url,
      handler: async (request, reply) => {
        reply.header('content-type', json);
        return handler(request, reply);
      },
    });
  };
  /** A stranger is refused before his body is read. */
  const deviceRoute = (method: 'GET' | 'POST' | 'PATCH', url: string, handler: DeviceHandler) => {
    const known = new WeakMap<FastifyRequest, StoredDevice>();
    server.route({
      method,
      url,
      // The app asks for no heads; one would be given messages, or a stream.
      exposeHeadRoute: false,
      onRequest: async (request) => {
        known.set(request, await auth.device(request));
      },
      handler: async (request, reply) => {
        reply.header('content-type', json);
        return handler(known.get(request) as StoredDevice, request, reply);
      },
    });
  };
  addDeviceRoutes(route, deviceRoute, given);
  addMessageRoutes(deviceRoute, given);
  addUserRoutes(route, deviceRoute, given);
}

type AddRoute = (method: 'GET' | 'POST' | 'PATCH', url: string, handler: Handler) => void;
type AddDeviceRoute = (
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  handler: DeviceHandler,
) => void;

function addDeviceRoutes(
  route: AddRoute,
  deviceRoute: AddDeviceRoute,
  { context, streams, auth }: Given,
): void {
  const { devices } = context.gateway;

  route('POST', '/device', async (request, reply) => {
    const { login, ...admission } = await auth.admission(request);
    const { name, pushToken, simCards } = readBody(registration, bodyOf(request));
    const { device, token, accountName } = await devices.enrol(admission, {
      name: textOf(name) || 'phone',
      pushToken: textOf(pushToken) || null,
      sims: simsOf(simCards) ?? [],
      version: versionOf(request.headers['user-agent']) ?? null,
    });
    reply.code(201);
    // No password: who has the phone need not have the account.
    return { id: device.id, token, login: login ?? accountName };
  });

  route('GET', '/device', async (request) => {
    const device = await auth.deviceIfAny(request);
    return { externalIp: request.ip, ...(device && { device: presentDevice(device) }) };
  });

  deviceRoute('PATCH', '/device', async (device, request, reply) => {
    const { pushToken, simCards } = readBody(devicePatch, bodyOf(request));
    const sims = simsOf(simCards);
    // Without a token it has none any more: it is woken by its stream.
    await devices.update(device, {
      pushToken: textOf(pushToken) || null,
      ...(sims && sims.length > 0 && { sims }),
    });
    return noContent(reply);
  });

  deviceRoute('GET', '/webhooks', async (device, request) =>
    presentHooks(
      asItIs(device, request),
      `${context.publicUrl}${hookPrefix}/${devices.hookOf(device).path}`,
    ),
  );

  deviceRoute('GET', '/settings', async (device, request) => {
    const known = asItIs(device, request);
    if (!isAtLeast(known.version, since.settings)) return {};
    return presentSettings(known, devices.hookOf(device).signingKey);
  });

  deviceRoute('GET', '/events', async (device, _request, reply) => {
    // A phone opens a stream when it has no push token (any more).
    if (device.pushToken !== null) await devices.update(device, { pushToken: null });
    reply.hijack();
    streams.open(device.id, reply.raw);
  });
}

function addMessageRoutes(deviceRoute: AddDeviceRoute, { link, context }: Given): void {
  const { devices } = context.gateway;
  for (const url of ['/message', '/messages']) {
    deviceRoute('GET', url, async (device, request) => {
      const order = (parameter(request.query as Query, 'order') ?? 'lifo').toLowerCase();
      if (order !== 'lifo' && order !== 'fifo') {
        throw new GatewayError('invalid_request', 'The order must be lifo or fifo.');
      }
      const takesBack = knowsTakingBack(asItIs(device, request));
      const handouts = await devices.pull(device, { order, limit: pullLimit, takesBack });
      return handouts.map(presentMessage);
    });

    deviceRoute('PATCH', url, async (device, request, reply) => {
      const reports = readStatePatches(bodyOf(request)).flatMap((one) => reportOfPatch(one) ?? []);
      await devices.report(device, reports);
      return noContent(reply);
    });
  }

  deviceRoute('POST', '/inbox', async (device, request, reply) => {
    const now = context.clock.now();
    for (const item of readInbox(bodyOf(request))) {
      const { id, type, sender, recipient, simNumber, content, isEncrypted, createdAt } = item;
      // What a phone has encrypted for somebody else cannot be read here; data are no text.
      if (isEncrypted || type === 'DATA_SMS') continue;
      const receivedAt = readInstant(createdAt);
      const incoming = {
        name: id,
        from: sender,
        to: recipient ?? null,
        sim: simNumber ?? null,
        text: content,
        at: byOurClock(receivedAt, null, now),
        writtenAt: String(receivedAt ?? createdAt ?? ''),
      };
      await devices.received(device, incoming, link.id);
    }
    reply.code(201);
    return {};
  });
}

function addUserRoutes(
  route: AddRoute,
  deviceRoute: AddDeviceRoute,
  { link, context, auth }: Given,
): void {
  const { devices } = context.gateway;

  route('GET', '/user/code', async (request, reply) => {
    const caller = await auth.user(request);
    const lifeMs = link.settings.codeSeconds * 1000;
    if (lifeMs === 0) {
      reply.code(501);
      return { message: 'There are no one-time codes here.' };
    }
    const waitMs = await context.gateway.allow(`phone code ${caller.credentialId}`, codesOfUser);
    requireAllowed(waitMs, 'Too many codes were asked for.');
    const { code, expiresAt } = await devices.enrolment.code(caller, lifeMs);
    return { code, validUntil: formatIso(expiresAt) };
  });

  deviceRoute('PATCH', '/user/password', async (device, request, reply) => {
    const { currentPassword, newPassword } = readBody(passwordChange, bodyOf(request));
    const change = { current: currentPassword, next: newPassword };
    await devices.enrolment.changePassword(device.credentialId, change, request.ip);
    return noContent(reply);
  });
}

/** What phones tell by themselves, each at a path that nobody can guess. */
function mountHooks(server: FastifyInstance, { link, context }: Given): void {
  const { devices } = context.gateway;
  const known = new WeakMap<FastifyRequest, StoredDevice>();
  const underWay = new Map<string, number>();
  /** Phones of which that was said. */
  const wrongClocks = new BoundedMap<DeviceId, true>(10_000);
  addBodyParser(server, () => hookLimit);
  addAnswers(server);
  server.addHook('onResponse', (request, _reply, done) => {
    leave(underWay, known.get(request));
    done();
  });
  server.addHook('onRequestAbort', (request, done) => {
    leave(underWay, known.get(request));
    known.delete(request);
    done();
  });
  server.route<{ Params: { path: string } }>({
    method: 'POST',
    url: '/:path',
    onRequest: async (request) => {
      const device = await devices.recogniseHook(request.params.path);
      if (!device) throw new GatewayError('not_found', 'There is nothing here.');
      const count = underWay.get(device.id) ?? 0;
      if (count >= hooksOfDevice) {
        throw new GatewayError('too_many_concurrent', 'One thing after the other, please.');
      }
      underWay.set(device.id, count + 1);
      known.set(request, device);
    },
    handler: async (request, reply) => {
      const device = known.get(request) as StoredDevice;
      const body = bodyOf(request);
      const now = context.clock.now();
      const { signingKey } = devices.hookOf(device);
      const signedAt = verifySignature(request, body, signingKey);
      if (Math.abs(now - signedAt) > wrongClockMs && !wrongClocks.get(device.id)) {
        wrongClocks.set(device.id, true);
        const facts = { phone: device.id, hours: Math.round((signedAt - now) / hourMs) };
        request.log.warn(facts, 'the clock of a phone is wrong: set it, or messages expire there');
      }
      const version = versionOf(request.headers['user-agent']);
      devices.seen(device, version === undefined ? {} : { version });
      const event = readHookEvent(body);
      const heard = await hear(event, device, { devices, linkId: link.id, signedAt, now });
      if (heard !== 'done') {
        const facts = { phone: device.id, event: event.event, why: heard };
        request.log.info(facts, 'what a phone told is left out');
      }
      reply.header('content-type', json);
      return {};
    },
  });
}

function leave(underWay: Map<string, number>, device: StoredDevice | undefined): void {
  if (!device) return;
  const count = (underWay.get(device.id) ?? 1) - 1;
  if (count > 0) underWay.set(device.id, count);
  else underWay.delete(device.id);
}

/** A phone as it shows itself in this request, which is not written down yet. */
function asItIs(device: StoredDevice, { headers }: FastifyRequest): StoredDevice {
  return { ...device, version: versionOf(headers['user-agent']) ?? device.version };
}

function bodyOf({ body }: FastifyRequest): Buffer | undefined {
  return body as Buffer | undefined;
}

/** PostgreSQL takes no U+0000, and neither engine half a character. */
function textOf(text: string | null | undefined): string {
  return (text ?? '').toWellFormed().replaceAll('\0', '\ufffd').trim();
}

function noContent(reply: FastifyReply): FastifyReply {
  reply.removeHeader('content-type');
  return reply.code(204).send();
}
