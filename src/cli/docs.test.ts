import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { LinkId, NodeId } from '../core/ids.ts';
import { fromCredits } from '../core/money.ts';
import { afterTry } from '../core/notifications/deliver.ts';
import type { RouteRule } from '../core/routing/rule.ts';
import { phone } from '../transports/phone/index.ts';
import { sandbox } from '../transports/sandbox/index.ts';
import type { Country } from '../text/phone-number.ts';
import type { Typed } from './testkit/console-blocks.ts';
import { typedIn, withTyped } from './testkit/console-blocks.ts';
import type { Stage } from './testkit/stage.ts';
import { createStage } from './testkit/stage.ts';

/**
 * docs/cli.md shows what the commands really print: its console blocks are run in order, on a world of
 * their own with a sandbox. After a change, `UPDATE_DOCS=1 npm test -- src/cli/docs.test.ts` writes
 * them anew.
 */
const sandboxId = 'sandbox' as LinkId;
const phonesId = 'phones' as LinkId;
/** The rules of the page, as its owner writes them and as the gateway has them. */
const rules = [
  { tags: ['otp'], links: ['sandbox'], cost: 0.06 },
  { countries: ['AU'], links: ['sandbox'], cost: 0.04 },
];
const routes: RouteRule[] = [
  { tags: ['otp'], links: [sandboxId], cost: { standard: fromCredits(0.06), prefixes: new Map() } },
  { links: [sandboxId], cost: { standard: fromCredits(0.04), prefixes: new Map() } },
];
const file = new URL('../../docs/cli.md', import.meta.url);

let stage: Stage;
/** The client's server: out of order for replies until somebody mends it and asks for a replay. */
let mended = false;
beforeAll(async () => {
  const clock = new FakeClock();
  const link = sandbox.create(sandboxId, sandbox.settings.parse({}), {
    clock,
    dataFolder: '/nowhere',
    log: () => {},
  });
  stage = await createStage({
    clock,
    links: [link],
    configured: ['sandbox'],
    furtherLinks: { phones: { transport: phone.name } },
    routes,
    typed: 'correct horse battery staple',
    context: {
      migrate: async () => ['first'],
      backup: async () => ({ bytes: 412_876_800, takenAt: clock.now(), tookMs: 1_800 }),
    },
  });
  stage.routes = rules;
  await writeDownServer(stage.world);
});
afterAll(() => stage.close());

/** The page is about a gateway that serves, though nothing serves this world but the test. */
async function writeDownServer({ clock, dispatcher, storage }: Stage['world']): Promise<void> {
  const now = clock.now();
  const { nodeId } = dispatcher;
  await storage.write(async (tx) => {
    await tx.nodes.seen({
      id: nodeId,
      name: 'sms1/4711',
      roles: ['api', 'dispatch', 'notify'],
      version: '1.0.0',
      home: 'a folder',
      startedAt: now,
      seenAt: now,
    });
    const wish = [sandboxId, phonesId].map((linkId) => ({ linkId, slots: 1 }));
    await tx.linkHolders.hold(wish, { nodeId, now, until: now + 3_600_000 });
    const said = {
      state: 'up',
      since: now,
      demotedSince: null,
      receipts: 200,
      failures: 3,
    } as const;
    await tx.linkHolders.tell(nodeId, [
      { linkId: sandboxId, ...said },
      { linkId: phonesId, ...said, receipts: null, failures: null },
    ]);
  });
}

it('prints what docs/cli.md says', async () => {
  const page = await readFile(file, 'utf8');
  const ids = new Map<string, string>();
  const played: Typed[] = [];
  for (const { line, prints } of typedIn(page)) {
    const typed = line.replaceAll(anId, (id) => ids.get(id) ?? id);
    const actual = steady(await play(typed));
    played.push({ line: typed, prints: actual });
    // The page's ids stand for those of this run, so that it need not change when ids do.
    const theirs = actual.match(anId) ?? [];
    (prints.match(anId) ?? []).forEach((id, nth) => ids.set(id, theirs[nth] ?? id));
    if (!process.env['UPDATE_DOCS']) {
      expect(actual.replaceAll(anId, '<id>'), line).toBe(prints.replaceAll(anId, '<id>'));
    }
  }
  expect(played.length).toBeGreaterThan(40);
  if (process.env['UPDATE_DOCS']) await writeFile(file, withTyped(page, played));
});

const anId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The phone that is enrolled by the page, and its id here. */
const pagePhone = 'K1J1oQe8YjTTRFWJGNl7';
let phoneId: string | undefined;

/** A phone shows the token that was just made. */
async function enrolPhone(): Promise<void> {
  const { devices, owner } = stage.world.gateway;
  const account = await owner.accountNamed('shop');
  const admission = { accountId: account.id, credentialId: null };
  const sims = [{ slot: 0, sim: 1, number: null, ending: null, carrier: 'Telstra' }];
  const told = { name: 'samsung/a15xx', sims, pushToken: null, version: '1.68.0' };
  const { device } = await devices.enrol(admission, told);
  devices.seen(device, { battery: 81, health: 'pass' });
  phoneId = device.id;
}

/** What is another at each run and each machine. */
function steady(printed: string): string {
  return printed
    .replaceAll(/sb-[0-9a-f]{12}-/g, 'sb-7d31c4e09a52-')
    .replaceAll(stage.world.place.data, '/var/lib/parlance')
    .replaceAll(/\d+ MB free/g, '81207 MB free')
    .replaceAll(/(private token +)\S+/g, '$1s8Yb1x0ZkQvN3pTq7rWm4A9cJe2uLd5F')
    .replaceAll(phoneId ?? pagePhone, pagePhone);
}

/** Runs a line of the page: a command of ours, or time that passes. */
async function play(line: string): Promise<string> {
  const [, seconds] = /^sleep (\d+)$/.exec(line) ?? [];
  if (seconds !== undefined) {
    await stage.world.clock.advance(Number(seconds) * 1000);
    await tellWebhooks();
    return '';
  }
  const [, words] = /^parlance (.*?)(?: < \S+)?$/.exec(line) ?? [];
  if (words?.startsWith('notification replay')) mended = true;
  if (words === 'sender requests') await askForName();
  if (words === undefined) throw new Error(`docs/cli.md has a line that is no command: ${line}`);
  const came = await stage.run(words.replaceAll(pagePhone, phoneId ?? pagePhone));
  if (words.startsWith('device enrol')) await enrolPhone();
  return came.all;
}

/** What a client does by its API. */
async function askForName(): Promise<void> {
  const { owner, senderRequests } = stage.world.gateway;
  const { id } = await owner.accountNamed('shop');
  const countries = ['AU', 'NZ'] as Country[];
  await senderRequests.ask(id, { address: 'Summer Sale', countries, reason: 'our yearly sale' });
}

async function tellWebhooks(): Promise<void> {
  const { storage, clock } = stage.world;
  const now = clock.now();
  const lease = { nodeId: 'node' as NodeId, now, leaseUntil: now + 60_000, limit: 100, except: [] };
  const due = await storage.write((tx) => tx.notifications.claim(lease));
  await storage.write(async (tx) => {
    const tries = due.map((notification) => {
      const broken = notification.event.type === 'reply.received' && !mended;
      return afterTry(
        notification,
        { succeeded: (status) => status === 200, timeoutMs: 5000, retryDelaysMs: [] },
        {
          status: broken ? 503 : 200,
          detail: broken ? 'back in a minute' : null,
          retryAfterMs: undefined,
          durationMs: 12,
        },
        now,
      );
    });
    await tx.notifications.finish(tries);
  });
  // A claim takes from each endpoint in turn.
  if (due.length > 0) await tellWebhooks();
}
