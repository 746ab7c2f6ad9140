import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';

let database: TestDatabase;
let gateway: GatewayProcess | undefined;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await gateway?.kill();
  await database.drop();
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
    gateway = await gatewayAt(database.place).start(['--demo'], { PARLANCE_LINKS: slowLink });
    expect((await send(gateway.url)).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.output()).toContain('"msg":"stopped"');
    const list = await gatewayAt(database.place).run([
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
    gateway = await gatewayAt(database.place).start(['--demo']);
    const second = await gatewayAt(database.place).run(['serve', '--port', '0']);
    expect(second.code).toBe(1);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect((await send(gateway.url)).status).toBe(200);
  }, 60_000);

  it('of the demo is refused anywhere but on this machine', async () => {
    const refused = await gatewayAt(database.place).run([
      '--set',
      'http.host=0.0.0.0',
      'serve',
      '--demo',
    ]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('http.host');
  }, 60_000);

  it('that cannot listen ends, and has held nothing', async () => {
    const other = await createTestDatabase();
    gateway = await gatewayAt(other.place).start([]);
    const { port } = new URL(gateway.url);
    const { code, stderr } = await gatewayAt(database.place).run(['serve', '--port', port]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is in use') });
    expect(await database.query('select id from nodes')).toEqual([]);
    expect(await database.query('select link_id from link_holders where until > 0')).toEqual([]);
    await gateway.kill();
    await other.drop();
  });

  it('of the demo is refused where others have accounts, and of others where the demo has', async () => {
    const { run } = gatewayAt(database.place);
    expect((await run(['migrate'])).code).toBe(0);
    expect((await run(['account', 'create', 'shop'])).code).toBe(0);
    expect(await run(['serve', '--port', '0', '--demo'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('this one has accounts'),
    });
    const demo = await createTestDatabase();
    gateway = await gatewayAt(demo.place).start(['--demo']);
    await gateway.stop();
    const open = ['--set', 'http.host=0.0.0.0', 'serve', '--port', '0'];
    expect(await gatewayAt(demo.place).run(open)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('parlance account suspend demo-mobilemessage'),
    });
    await demo.drop();
  });
});
