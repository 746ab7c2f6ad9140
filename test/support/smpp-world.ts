import type { ServerSettings } from '../../src/smpp-server/index.ts';
import { SmppServer } from '../../src/smpp-server/index.ts';
import type { BindCommand } from '../../src/smpp/codec/pdu.ts';
import { SmppClient } from './smpp-client.ts';
import type { World, WorldWish } from './world.ts';
import { createWorld } from './world.ts';
import type { AccountWish, WorldAccount } from './world-account.ts';

const hour = 3_600_000;
const usual: ServerSettings = {
  host: '127.0.0.1',
  port: 0,
  tls: null,
  maxConnections: 1_100,
  maxConnectionsPerAddress: 1_100,
  enquireLinkMs: 30_000,
  inactivityMs: 0,
  window: 256,
  deliveryWindow: 10,
  answerTimeoutMs: 30_000,
  keepMs: 72 * hour,
};

export interface SmppWorld {
  world: World;
  server: SmppServer;
  /** Of the port without TLS. */
  url: string;
  /** An account whose way in is SMPP. */
  account(
    wish?: AccountWish & { credential?: Record<string, unknown> },
  ): Promise<WorldAccount & { login: { systemId: string; password: string } }>;
  /** A client that is bound as an account. */
  client(
    account: { login: { systemId: string; password: string } },
    command?: BindCommand,
  ): Promise<SmppClient>;
  close(): Promise<void>;
}

let accounts = 0;

/** A world where SMPP clients may bind. */
export async function createSmppWorld(
  wish: WorldWish & { smpp?: Partial<ServerSettings> } = {},
): Promise<SmppWorld> {
  const world = await createWorld(wish);
  const { gateway, dispatcher, log } = world;
  const parts = { gateway, nodeId: dispatcher.nodeId, log: log.logger };
  const server = new SmppServer(parts, { ...usual, ...wish.smpp });
  const [url = ''] = await server.listen();
  server.start();
  const clients: SmppClient[] = [];
  return {
    world,
    server,
    url,
    account: async ({ credential, ...more } = {}) => {
      const login = {
        systemId: more.username ?? `esme${++accounts}`,
        password: more.password ?? 'secret08',
      };
      const account = await world.account({
        dialect: 'smpp',
        username: login.systemId,
        password: login.password,
        ...more,
      });
      const { credentialId } = await account.caller();
      if (credential) await gateway.owner.setCredential(credentialId, credential);
      return { ...account, login };
    },
    client: async ({ login }, command) => {
      const client = await SmppClient.bound(url, login, command);
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const client of clients) client.destroy();
      const stopping = { over: false };
      const stopped = server.stop().finally(() => {
        stopping.over = true;
      });
      // Who does not answer an unbind is waited for, by the world's clock.
      while (!stopping.over) await world.clock.advance(1_000);
      await stopped;
      await world.close();
    },
  };
}
