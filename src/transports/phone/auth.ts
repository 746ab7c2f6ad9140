import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { StoredDevice } from '../../core/devices/device.ts';
import type { Admission } from '../../core/devices/enrolment.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { Allowance } from '../../dialects/shared/allowance.ts';
import { parseBasicAuth } from '../../dialects/shared/basic-auth.ts';
import { versionOf } from './versions.ts';

/** Whose user names and passwords the app's "Sign In" knows: those of the API of the same makers. */
const userCredentials = 'smsgate';

/** One-time codes are short: so many wrong ones a minute, from one address and from all together. */
const minuteMs = 60_000;
const codesOfAddress = 10;
const codesOfAll = 120;

/** Who asks: a phone by its token, or somebody who enrols one. */
export class Auth {
  readonly #gateway: Gateway;
  readonly #clock: Clock;
  readonly #codes = new Allowance({ most: codesOfAddress, windowMs: minuteMs, keys: 20_000 });
  readonly #allCodes = new Allowance({ most: codesOfAll, windowMs: minuteMs, keys: 1 });

  constructor(gateway: Gateway, clock: Clock) {
    this.#gateway = gateway;
    this.#clock = clock;
  }

  /** The phone whose token a request has. @throws GatewayError `unauthenticated`. */
  async device(request: FastifyRequest): Promise<StoredDevice> {
    const device = await this.deviceIfAny(request);
    if (!device) throw new GatewayError('unauthenticated', 'This phone is not enrolled.');
    return device;
  }

  /** The same; undefined without a token that is known. */
  async deviceIfAny({ headers }: FastifyRequest): Promise<StoredDevice | undefined> {
    const token = withScheme(headers.authorization, 'bearer');
    const device = token ? await this.#gateway.devices.recognise(token) : undefined;
    if (!device) return undefined;
    const version = versionOf(headers['user-agent']);
    this.#gateway.devices.seen(device, version === undefined ? {} : { version });
    return device;
  }

  /**
   * Whose a phone that registers is to be: in the order of the protocol by user name and password, by a one-time
   * code, by an enrolment token.
   * @throws GatewayError `unauthenticated`, `too_many_attempts`, `account_suspended`.
   */
  async admission(request: FastifyRequest): Promise<Admission & { login: string | null }> {
    const { authorization } = request.headers;
    const { enrolment } = this.#gateway.devices;
    const basic = parseBasicAuth(authorization);
    if (basic) {
      const { view, credentialId } = await this.#logIn(basic, request);
      return { accountId: view.account.id, credentialId, login: basic.username };
    }
    const code = withScheme(authorization, 'code');
    if (code) return { ...(await this.#byCode(code, request)), login: null };
    const token = withScheme(authorization, 'bearer');
    if (!token) throw new GatewayError('unauthenticated', 'No enrolment token was sent.');
    return { ...(await enrolment.byToken(token, request.ip)), login: null };
  }

  /** Who has a user name and password. @throws GatewayError as `admission`. */
  async user(request: FastifyRequest): Promise<Caller> {
    const basic = parseBasicAuth(request.headers.authorization);
    if (!basic) throw new GatewayError('unauthenticated', 'No user name and password were sent.');
    return this.#logIn(basic, request);
  }

  #logIn(login: { username: string; password: string }, { ip }: FastifyRequest): Promise<Caller> {
    return this.#gateway.authenticate.password(userCredentials, login, ip);
  }

  async #byCode(code: string, { ip }: FastifyRequest): Promise<Admission> {
    const now = this.#clock.now();
    // Taken before it is looked at, so that no more than these are tried at once.
    const waitMs = Math.max(this.#codes.take(ip, now), this.#allCodes.take('all', now));
    if (waitMs > 0) {
      throw new GatewayError('too_many_attempts', 'Too many codes were tried. Please wait.', {
        retryAfterMs: waitMs,
      });
    }
    return this.#gateway.devices.enrolment.byCode(code.slice(0, 64));
  }
}

/** What follows the name of a scheme in an Authorization header. */
function withScheme(header: string | undefined, scheme: string): string | undefined {
  const [, name, rest] = /^([A-Za-z]+) +(\S{1,512}) *$/.exec(header ?? '') ?? [];
  return name?.toLowerCase() === scheme ? rest : undefined;
}
