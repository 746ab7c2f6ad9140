import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { MemoryLog } from '../../test/support/memory-log.ts';
import { memoryLog } from '../../test/support/memory-log.ts';
import type { Campaign } from '../core/campaigns/campaign.ts';
import type { Expansion, Step } from '../core/campaigns/expansion.ts';
import { GatewayError } from '../core/errors.ts';
import type { CampaignId, NodeId } from '../core/ids.ts';
import { campaignWorker } from './campaigns.ts';
import type { Worker } from './worker.ts';

const nodeId = 'node' as NodeId;
type Name = 'a' | 'b' | 'c';

let clock: FakeClock;
let log: MemoryLog;
let worker: Worker;
/** What is due, what each campaign's steps come to, and what was done, in order. */
let due: Name[];
let steps: Record<Name, (Step | Error)[]>;
let did: string[];

beforeEach(() => {
  clock = new FakeClock(0);
  log = memoryLog();
  due = [];
  steps = { a: [], b: [], c: [] };
  did = [];
  const expansion: Pick<Expansion, 'claim' | 'step' | 'letGo' | 'pause' | 'giveUpStale'> = {
    claim: async (_node, limit) =>
      due.splice(0, limit).map((id) => ({ id: id as string as CampaignId }) as Campaign),
    async step(id) {
      const name = id as string as Name;
      const step = steps[name].shift() ?? { kind: 'over' };
      did.push(`${name}:${step instanceof Error ? 'fails' : step.kind}`);
      if (step instanceof Error) throw step;
      return step;
    },
    async letGo({ id }) {
      did.push(`${id} let go`);
    },
    async pause(id, _node, reason) {
      did.push(`${id} paused: ${reason}`);
    },
    giveUpStale: async () => 0,
  };
  worker = campaignWorker(expansion as Expansion, { clock, nodeId, log: log.logger });
  worker.start();
});
afterEach(() => worker.stop());

const moved: Step = { kind: 'moved', rows: 500 };
const full: Step = { kind: 'full' };

it('submits a chunk of each campaign in turns, until they are over', async () => {
  due = ['a', 'b'];
  steps = { a: [moved, moved, moved], b: [moved], c: [] };
  await clock.advance(500);
  expect(did).toEqual(['a:moved', 'b:moved', 'a:moved', 'b:over', 'a:moved', 'a:over']);
  await clock.advance(5_000);
  expect(did).toHaveLength(6);
});

it('waits when the links of all of them have enough to do', async () => {
  due = ['a', 'b'];
  steps = { a: [full, moved, full], b: [full, full, full], c: [] };
  await clock.advance(500);
  expect(did).toEqual(['a:full', 'b:full']);
  await clock.advance(500);
  expect(did.slice(2)).toEqual(['a:moved', 'b:full', 'a:full', 'b:full']);
});

it('tries again what storage could not do', async () => {
  due = ['a'];
  steps.a = [new GatewayError('storage_unavailable', 'away'), moved];
  await clock.advance(500);
  expect(did).toEqual(['a:fails']);
  await clock.advance(500);
  expect(did).toEqual(['a:fails', 'a:moved', 'a:over']);
});

it('pauses one that a defect stops, and goes on with the others', async () => {
  due = ['a', 'b'];
  steps = { a: [new Error('a defect')], b: [moved], c: [] };
  await clock.advance(500);
  expect(did).toEqual([
    'a:fails',
    'a paused: An error inside the gateway; its log says more.',
    'b:moved',
    'b:over',
  ]);
});

it('gives back what it has when it stops', async () => {
  due = ['a', 'b'];
  steps = { a: [full], b: [full], c: [] };
  await clock.advance(500);
  await worker.stop();
  expect(did.slice(2)).toEqual(['a let go', 'b let go']);
});
