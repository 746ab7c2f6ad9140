import { createTestDatabase } from '../support/storage.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { runCommand, startGateway } from '../support/gateway-process.ts';

let folder: string;
let gateway: GatewayProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-stop-'));
});
afterEach(async () => {
  await gateway?.kill();
  await rm(folder, { recursive: true, force: true });
});

const slowLink = JSON.stringify({
  sandbox: { transport: 'sandbox', settings: { latencyMs: 1500, receiptDelayMs: 10 } },
});

async function send(url: string): Promise<Response> {
  return fetch(`${url}/mobilemessage/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('user123:mypassword')}` },
    body: JSON.stringify({
      messages: [{ to: '0412345678', message: 'Hello', sender: 'CompanyABC' }],
    }),
  });
}

describe('a stop', () => {
  it('waits for the answers of parts that are on their way', async () => {
    gateway = await startGateway(['--demo', '--data', folder], { PARLANCE_LINKS: slowLink });
    expect((await send(gateway.url)).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.output()).toContain('"msg":"stopped"');
    const list = await runCommand([
      '--data',
      folder,
      '--json',
      'message',
      'list',
      'demo-mobilemessage',
    ]);
    expect(list.stdout).toMatch(/"status": ?"(sent|delivered)"/);
  }, 60_000);
});

describe('a start', () => {
  it('is refused with one sentence on a folder that another process serves', async () => {
    gateway = await startGateway(['--demo', '--data', folder]);
    const second = await runCommand(['--data', folder, 'serve', '--port', '0']);
    expect(second.code).toBe(1);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect((await send(gateway.url)).status).toBe(200);
  }, 60_000);

  it('of the demo is refused anywhere but on this machine', async () => {
    const refused = await runCommand([
      '--data',
      folder,
      '--set',
      'http.host=0.0.0.0',
      'serve',
      '--demo',
    ]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('http.host');
  }, 60_000);

  it('that cannot listen ends, and has held nothing', async () => {
    const [mine, other] = [await createTestDatabase(), await createTestDatabase()];
    gateway = await startGateway(['--data', other.place.data], {
      PARLANCE_STORAGE: other.place.storage,
    });
    const { code, stderr } = await runCommand(
      ['--data', mine.place.data, 'serve', '--port', new URL(gateway.url).port],
      { env: { PARLANCE_STORAGE: mine.place.storage } },
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is in use') });
    expect(await mine.query('select id from nodes')).toEqual([]);
    expect(await mine.query('select link_id from link_holders where until > 0')).toEqual([]);
    await gateway.kill();
    await Promise.all([mine.drop(), other.drop()]);
  });

  it('of the demo is refused where others have accounts, and of others where the demo has', async () => {
    const database = await createTestDatabase();
    const env = { PARLANCE_STORAGE: database.place.storage };
    const parlance = (...args: string[]) =>
      runCommand(['--data', database.place.data, ...args], { env });
    expect((await parlance('migrate')).code).toBe(0);
    expect((await parlance('account', 'create', 'shop')).code).toBe(0);
    expect(await parlance('serve', '--port', '0', '--demo')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('this one has accounts'),
    });
    const demo = await createTestDatabase();
    const demoEnv = { PARLANCE_STORAGE: demo.place.storage };
    gateway = await startGateway(['--demo', '--data', demo.place.data], demoEnv);
    await gateway.stop();
    const open = ['--data', demo.place.data, '--set', 'http.host=0.0.0.0', 'serve', '--port', '0'];
    expect(await runCommand(open, { env: demoEnv })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('parlance account suspend demo-mobilemessage'),
    });
    await Promise.all([database.drop(), demo.drop()]);
  });
});
