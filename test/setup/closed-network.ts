// Closes the network but for loopback, in every process that loads this file: the tests do (vitest.config.ts), and a
// program that a test starts does with `node --import <this file>`. A database or browser that the environment puts on
// another host is let through by PARLANCE_TEST_ALLOW_HOSTS, names or addresses separated by commas.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net, { type TcpSocketConnectOpts } from 'node:net';

type Callback = (error: Error | null, ...results: unknown[]) => void;
type Functions = Record<string, (...args: unknown[]) => unknown>;

const allowedHosts = new Set(
  (process.env['PARLANCE_TEST_ALLOW_HOSTS'] ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase()),
);

const loopback = new net.BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6'); // and ::ffff:127.x, which a BlockList reads as IPv4

function isNear(host: string): boolean {
  const name = host.toLowerCase();
  if (net.isIPv4(host) && loopback.check(host, 'ipv4')) return true;
  if (net.isIPv6(host) && loopback.check(host, 'ipv6')) return true;
  return name === 'localhost' || name.endsWith('.localhost') || allowedHosts.has(name);
}

function refusal(host: string): Error {
  const message = `The network is closed in tests: ${host} is not loopback (test/setup/closed-network.ts)`;
  return Object.assign(new Error(message), { code: 'ENETCLOSED' });
}

/** A lookup of the caller's own may answer for any name: what it answers has to be near. */
function onlyNear(lookup: NonNullable<TcpSocketConnectOpts['lookup']>): typeof lookup {
  return (host, options, callback) => {
    lookup(host, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [{ address }] : (address ?? []);
      const far = addresses.find((entry) => !isNear(entry.address));
      callback(error ?? (far === undefined ? null : refusal(far.address)), address, family);
    });
  };
}

const connect = net.Socket.prototype.connect as (...args: unknown[]) => net.Socket;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  // Node itself hands over an array whose first element is the options; it marks the array, so change that one.
  const list = Array.isArray(args[0]) ? args[0] : args;
  const options: Partial<TcpSocketConnectOpts> & { path?: string | null } =
    typeof list[0] === 'object' && list[0] !== null
      ? list[0]
      : { host: typeof list[1] === 'string' ? list[1] : 'localhost' };
  const isPipe = Boolean(options.path) || (typeof list[0] === 'string' && !/^\d+$/.test(list[0]));
  const host = options.host ?? 'localhost';
  if (!isPipe && options.lookup !== undefined && net.isIP(host) === 0) {
    list[0] = { ...options, lookup: onlyNear(options.lookup) };
  } else if (!isPipe && !isNear(host)) {
    process.nextTick(() => this.destroy(refusal(host)));
    return this;
  }
  return connect.apply(this, args);
};

const send = dgram.Socket.prototype.send as (...args: unknown[]) => void;
dgram.Socket.prototype.send = function (this: dgram.Socket, ...args: unknown[]): void {
  const host = args.slice(1).find((argument) => typeof argument === 'string');
  if (host !== undefined && !isNear(host)) throw refusal(host);
  send.apply(this, args);
};

// Questions to name servers leave the machine, whatever they ask; only `lookup` can be answered from within.
for (const owner of [dns, dns.Resolver.prototype] as unknown as Functions[]) {
  for (const name of questions(owner)) {
    const original = owner[name];
    owner[name] = function (this: unknown, ...args: unknown[]) {
      if (name === 'lookup' && isNear(String(args[0]))) return original?.apply(this, args);
      const callback = args.at(-1) as Callback;
      process.nextTick(() => callback(refusal(String(args[0]))));
      return undefined;
    };
  }
}
for (const owner of [dns.promises, dns.promises.Resolver.prototype] as unknown as Functions[]) {
  for (const name of questions(owner)) {
    const original = owner[name];
    owner[name] = function (this: unknown, ...args: unknown[]) {
      if (name === 'lookup' && isNear(String(args[0]))) return original?.apply(this, args);
      return Promise.reject(refusal(String(args[0])));
    };
  }
}

function questions(owner: Functions): string[] {
  const names = Object.getOwnPropertyNames(owner);
  return names.filter((name) => /^(lookup|lookupService|reverse|resolve\w*)$/.test(name));
}

syncBuiltinESMExports(); // for those who import the functions by name
