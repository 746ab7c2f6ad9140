import { api, authorizationOf, startGateway } from '../gateway.ts';
import type { Running } from '../process.ts';
import type { Stage } from '../stage.ts';
import { describeFileSystem } from './file-system.ts';
import { smscLogin } from './protocol.ts';
import { sendRequest } from './send-request.ts';
import type { Subject, Surroundings } from './subject.ts';

/** Both gateways may have so many submits without a response. */
const window = 1_000;

/**
 * Parlance on SQLite as its users run it, with a link to the SMSC of the instruments.
 * @param customers accounts that share the connections: one, as with Kannel, or several.
 */
export async function startParlance(
  stage: Stage,
  { smscPort, webhookPort }: Surroundings,
  { customers = 1, runtime = [] }: { customers?: number; runtime?: readonly string[] } = {},
): Promise<Subject & Pick<Running, 'stop'>> {
  const carrier = {
    transport: 'smpp',
    settings: { host: '127.0.0.1', port: smscPort, ...smscLogin, bind: 'transceiver', window },
  };
  const place = { data: await stage.folder(), storage: '' };
  const [gateway] = await startGateway(stage, place, {
    roles: 'api,dispatch,notify',
    webhook: `http://127.0.0.1:${webhookPort}/`,
    settings: {
      'webhooks.allow': '127.0.0.1',
      links: JSON.stringify({ carrier }),
      routes: JSON.stringify([{ links: ['carrier'] }]),
    },
    runtime,
  });
  const { url, cpuMs, stop } = gateway as Running;
  return {
    name: customers === 1 ? 'parlance' : `parlance, ${customers} customers`,
    role: 'ours',
    description: `window ${window}; SQLite on ${describeFileSystem()}, WAL, synchronous=FULL: synced with each commit`,
    connection: (index) =>
      sendRequest(url, api, [`Authorization: ${authorizationOf(index, customers)}`]),
    cpuMs,
    stop,
  };
}
