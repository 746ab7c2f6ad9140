import { readFile } from 'node:fs/promises';
import type { Config } from '../config/load.ts';
import type { ServerSettings, SmppServer } from '../smpp-server/index.ts';
import { wayIn } from '../smpp-server/index.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** What the configuration says of the SMPP server. The demo shows it without being told a port. */
export async function smppSettings(
  { smppServer }: Config,
  { demo }: { demo: boolean },
): Promise<ServerSettings> {
  const { host, port, tlsPort, tlsCert, tlsKey } = smppServer;
  return {
    host,
    port: port ?? (demo ? wayIn.demo.port : null),
    tls:
      tlsPort === null
        ? null
        : { port: tlsPort, cert: await readFile(tlsCert), key: await readFile(tlsKey) },
    maxConnections: smppServer.maxConnections,
    maxConnectionsPerAddress: smppServer.maxConnectionsPerAddress,
    enquireLinkMs: smppServer.enquireLinkSeconds * second,
    inactivityMs: smppServer.inactivityMinutes * minute,
    window: smppServer.window,
    deliveryWindow: smppServer.deliveryWindow,
    answerTimeoutMs: smppServer.answerTimeoutSeconds * second,
    keepMs: smppServer.keepHours * hour,
  };
}

/**
 * Takes the ports; gives where it listens. One that nobody asked for may be another's: the demo goes on
 * without.
 */
export async function smppPorts(
  server: SmppServer,
  { smppServer }: Config,
  { demo }: { demo: boolean },
): Promise<string[]> {
  try {
    return await server.listen();
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    if (demo && taken && smppServer.port === null) return [];
    throw error;
  }
}
