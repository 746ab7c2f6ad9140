import { readFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../../core/ports/clock.ts';
import type { Target } from '../../net/dial.ts';
import { createDial } from '../../net/dial.ts';
import { parseAllowList } from '../../net/guard.ts';
import type { SmppSettings } from './settings.ts';

/** A carrier's host stands in the owner's own configuration, and is often reached through a private net. */
const anywhere = parseAllowList(['0.0.0.0/0', '::/0']);

const dial = createDial({
  allow: anywhere,
  lookup: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
});

/** Where the carrier listens, first choice first. */
export function targetsOf(settings: SmppSettings): Target[] {
  const first = { hostname: settings.host, port: settings.port };
  const further = settings.backups.map((one) => {
    const at = one.lastIndexOf(':');
    return {
      hostname: one.slice(0, at).replace(/^\[|\]$/g, ''),
      port: Number(one.slice(at + 1)),
    };
  });
  const tls = settings.tls === false ? undefined : tlsOptions(settings.tls);
  return [first, ...further].map((target) => ({ ...target, tls: tls !== undefined, ...tls }));
}

/** Reads the files at once, so that a wrong path stops the start and not the night. */
function tlsOptions(tls: Exclude<SmppSettings['tls'], false>): Pick<Target, 'secure' | 'alpn'> {
  if (tls === true) return { alpn: [], secure: {} };
  const file = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const ca = file(tls.ca);
  return {
    alpn: [],
    secure: {
      ...(ca && { ca: [...rootCertificates, ca] }),
      cert: file(tls.cert),
      key: file(tls.key),
      ...(tls.serverName !== undefined && { servername: tls.serverName }),
    },
  };
}

/** @throws DialError, also when it takes longer than that. */
export function connect(target: Target, timeoutMs: number, clock: Clock): Promise<Socket> {
  const attempt = new AbortController();
  const timer = clock.after(timeoutMs, () => attempt.abort());
  return new Promise<Socket>((resolve, reject) => {
    dial(target, attempt.signal, (error, socket) => {
      if (error) reject(error);
      else resolve(socket);
    });
  }).finally(() => timer.cancel());
}
