import {
  connect as connectTcp,
  isIP,
  type LookupFunction,
  type OnReadOpts,
  type Socket,
} from 'node:net';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';
import { type AllowList, judgeAddress } from './guard.ts';

/** Gives all addresses of a host name, or rejects. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export type Target = {
  /** Without the brackets of an IPv6 literal. */
  hostname: string;
  port: number;
  tls: boolean;
  /** Where what comes is read into, and who is told, instead of by events of the socket. */
  onread?: OnReadOpts;
  /** What is spoken within TLS; none for what has no name there. */
  alpn?: readonly string[];
  /** Whom to trust and what to show beside what is usual. */
  secure?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> & { servername?: string };
};

export type Dial = (
  target: Target,
  signal: AbortSignal,
  callback: (...outcome: [error: null, socket: Socket] | [error: DialError, socket: null]) => void,
) => void;

/** No connection came about. The message names the host at most, never the request. */
export class DialError extends Error {
  readonly reason: 'dns' | 'address_refused' | 'connect' | 'tls';

  constructor(reason: DialError['reason'], message: string) {
    super(message);
    this.name = 'DialError';
    this.reason = reason;
  }
}

/** How long one of several addresses may take before the next is tried; the last has no limit. */
const ATTEMPT_MS = 1_000;

/**
 * Makes the function that opens every connection of the HTTP client.
 * Takes the allow list and the way to resolve names. The function it gives resolves the name once,
 * judges every address, and connects to those that passed, in the resolver's order; the socket is
 * told those addresses and cannot ask again, so a name that changes its mind gains nothing
 * (DNS rebinding). Every failure arrives in the callback as a DialError. It has no time-out of its
 * own: whoever waits aborts the signal, and the attempt is given up.
 * Follows DESIGN.md §6.
 */
export function createDial(options: { allow: AllowList; lookup: Lookup }): Dial {
  const lookup = shareLookups(options.lookup);

  return (target, signal, callback) => {
    findAddresses(target.hostname, lookup, options.allow).then(
      (addresses) => {
        if (signal.aborted) return callback(new DialError('connect', 'given up'), null);
        try {
          open(target, addresses, signal, callback);
        } catch (error) {
          // Nothing is known to make Node throw here; if a name can, it must not end the process.
          callback(new DialError('connect', describe(error)), null);
        }
      },
      (error: DialError) => callback(error, null),
    );
  };
}

/**
 * A system lookup holds one of few threads of the process until it is done. So a name whose name
 * server is silent may hold one of them, not one for each connection that waits for it.
 */
function shareLookups(lookup: Lookup): Lookup {
  const running = new Map<string, Promise<readonly string[]>>();
  return (hostname) => {
    let answer = running.get(hostname);
    if (answer === undefined) {
      answer = lookup(hostname).finally(() => running.delete(hostname));
      running.set(hostname, answer);
    }
    return answer;
  };
}

async function findAddresses(
  hostname: string,
  lookup: Lookup,
  allow: AllowList,
): Promise<readonly string[]> {
  const found = isIP(hostname) === 0 ? await resolve(hostname, lookup) : [hostname];
  const ranges = new Set<string>();
  const checked = found.filter((address) => {
    const verdict = judgeAddress(address, allow);
    if (!verdict.allowed) ranges.add(verdict.range);
    return verdict.allowed;
  });
  if (checked.length === 0) {
    // The address itself is left out: the detail may be shown to an account's owner, who should
    // not learn the gateway's inner network from it.
    throw new DialError(
      'address_refused',
      `${hostname} has no address that may be connected to (${[...ranges].join(', ')})`,
    );
  }
  return checked;
}

async function resolve(hostname: string, lookup: Lookup): Promise<readonly string[]> {
  let found: readonly string[];
  try {
    found = await lookup(hostname);
  } catch (error) {
    throw new DialError('dns', `${hostname} cannot be resolved (${describe(error)})`);
  }
  if (found.length === 0) throw new DialError('dns', `${hostname} has no address`);
  return found;
}

function open(
  target: Target,
  addresses: readonly string[],
  signal: AbortSignal,
  callback: Parameters<Dial>[2],
): void {
  const options = {
    host: target.hostname,
    port: target.port,
    lookup: pinTo(addresses),
    ...(target.onread && { onread: target.onread }),
    // Node then takes the addresses one after another until one answers.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  };
  const socket = target.tls
    ? connectTls({
        ...options,
        ...serverName(target.hostname),
        ...target.secure,
        ALPNProtocols: [...(target.alpn ?? ['http/1.1'])],
      })
    : connectTcp(options);

  let phase: 'connect' | 'tls' = 'connect';
  let waiting = true;
  const giveUp = () => socket.destroy(new Error('given up'));

  // Stays for good: between this listener and the connection's there must be no moment without one.
  socket.on('error', (error) => {
    if (!waiting) return;
    waiting = false;
    callback(new DialError(phase, describe(error)), null);
  });
  if (target.tls) socket.once('connect', () => (phase = 'tls'));
  socket.once(target.tls ? 'secureConnect' : 'connect', () => {
    if (!waiting) return;
    waiting = false;
    callback(null, socket);
  });
  socket.once('close', () => signal.removeEventListener('abort', giveUp));
  signal.addEventListener('abort', giveUp, { once: true });
}

/** Answers the socket's question for the name with what was judged already. */
function pinTo(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, callback) => {
    const [first] = answers;
    if (all === true || first === undefined) callback(null, answers);
    else callback(null, first.address, first.family);
  };
}

/** RFC 6066 §3: the server name is a DNS name without trailing dot, never an address. */
function serverName(hostname: string): { servername?: string } {
  return isIP(hostname) === 0 ? { servername: hostname.replace(/\.$/, '') } : {};
}

function describe(error: unknown): string {
  // Where several addresses were tried, the message is empty and each has its own error.
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  if (!(error instanceof Error)) return 'unknown error';
  return error.message || ('code' in error ? String(error.code) : error.name);
}
