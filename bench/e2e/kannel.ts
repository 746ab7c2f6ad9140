import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOfProcess } from '../cpu.ts';
import { spawnOn } from '../process.ts';
import type { Stage } from '../stage.ts';
import { describeFileSystem } from './file-system.ts';
import { blanks } from './numbering.ts';
import { sender, smscLogin, text } from './protocol.ts';
import type { Subject, Surroundings } from './subject.ts';

export const howToInstall = 'apt-get install kannel (Debian, Ubuntu)';

/**
 * What made Kannel 1.4.5 fastest on two cores, its spool in memory; messages a second and CPU of each:
 *   max-pending-submits 10 (its default)  1 950  328 µs
 *                       50                4 030  290 µs
 *                      100                4 750  300 µs
 *                      500                5 270  305 µs
 *   1000 and smsbox-max-pending 1000      6 130  258 µs
 *   100 on two connections                5 820  290 µs
 *   500 and two smsboxes                  5 200  312 µs
 * Fewer max-pending-requests (webhooks at one time) than the 512 it has by itself changed nothing.
 */
const pending = 1_000;

const patienceMs = 20_000;
/** Errors and worse. */
const logLevel = 4;

export interface KannelPrograms {
  bearerbox: string;
  smsbox: string;
}

/** Where Kannel is installed; undefined when it is not. */
export function findKannel(): KannelPrograms | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin'];
  const find = (name: string) =>
    folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
  const [bearerbox, smsbox] = [find('bearerbox'), find('smsbox')];
  return bearerbox !== undefined && smsbox !== undefined ? { bearerbox, smsbox } : undefined;
}

/** A new folder in memory; null where the system has none. */
export async function memoryFolder(stage: Stage): Promise<string | null> {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return null;
  const folder = await mkdtemp(path.join(memory, 'parlance-bench-'));
  stage.later(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Kannel as its user guide sets it up: bearerbox and smsbox, with all their files in one folder. */
export async function startKannel(
  stage: Stage,
  { smscPort, webhookPort }: Surroundings,
  { name, programs, folder }: { name: string; programs: KannelPrograms; folder: string },
): Promise<Subject> {
  const spool = path.join(folder, 'spool');
  await mkdir(spool);
  const [adminPort = 0, boxPort = 0, sendPort = 0] = await freePorts(3);
  const file = path.join(folder, 'kannel.conf');
  await writeFile(file, configuration({ adminPort, boxPort, sendPort, smscPort, spool }));
  const pids: number[] = [];
  const start = async (program: string, port: number): Promise<void> => {
    const child = spawnOn(stage, program, ['-v', String(logLevel), file]);
    child.stdout.resume();
    pids.push(child.pid as number);
    await listening(port);
  };
  await start(programs.bearerbox, boxPort);
  await start(programs.smsbox, sendPort);
  const request = sendRequest(sendPort, webhookPort);
  return {
    name,
    role: 'peer',
    description: `max-pending-submits and smsbox-max-pending ${pending}; spool on ${describeFileSystem(spool)}, never synced; receipts awaited in memory`,
    connection: () => ({ port: sendPort, request }),
    cpuMs: async () => {
      const all = await Promise.all(pids.map(cpuOfProcess));
      return all.reduce((sum, ms) => sum + ms, 0);
    },
  };
}

function sendRequest(port: number, webhookPort: number): string {
  const told = `http://127.0.0.1:${webhookPort}/${blanks.reference}?status=%d`;
  const query = new URLSearchParams({
    username: smscLogin.systemId,
    password: smscLogin.password,
    from: sender,
    to: blanks.international,
    text,
    'dlr-mask': '3',
    'dlr-url': told,
  });
  // The blanks are filled with what needs no escape.
  const escaped = Object.values(blanks).reduce(
    (whole, blank) => whole.replaceAll(encodeURIComponent(blank), blank),
    query.toString(),
  );
  return `GET /cgi-bin/sendsms?${escaped} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
}

interface Places {
  adminPort: number;
  boxPort: number;
  sendPort: number;
  smscPort: number;
  spool: string;
}

function configuration({ adminPort, boxPort, sendPort, smscPort, spool }: Places): string {
  const loopback = '127.0.0.1';
  return [
    group('core', {
      'admin-port': adminPort,
      'admin-interface': loopback,
      'admin-password': smscLogin.password,
      'smsbox-port': boxPort,
      'smsbox-interface': loopback,
      'box-allow-ip': loopback,
      'smsbox-max-pending': pending,
      'store-type': 'spool',
      'store-location': spool,
      'dlr-storage': 'internal',
      'log-level': logLevel,
    }),
    group('smsc', {
      smsc: 'smpp',
      'smsc-id': 'bench',
      host: loopback,
      port: smscPort,
      'transceiver-mode': 'true',
      'smsc-username': smscLogin.systemId,
      'smsc-password': smscLogin.password,
      'system-type': '',
      'max-pending-submits': pending,
    }),
    group('smsbox', {
      'smsbox-id': 'bench',
      'bearerbox-host': loopback,
      'sendsms-port': sendPort,
      'sendsms-interface': loopback,
      'log-level': logLevel,
    }),
    group('sendsms-user', { username: smscLogin.systemId, password: smscLogin.password }),
  ].join('\n');
}

function group(name: string, settings: Record<string, string | number>): string {
  const lines = Object.entries(settings).map(([key, value]) =>
    typeof value === 'number' ? `${key} = ${value}` : `${key} = "${value}"`,
  );
  return `group = ${name}\n${lines.join('\n')}\n`;
}

/** Ports that are free at the moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
}

/** Waits until something listens there. */
async function listening(port: number): Promise<void> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}
