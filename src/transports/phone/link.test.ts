import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { LinkId } from '../../core/ids.ts';
import type { Swept } from '../../core/devices/swept.ts';
import type { LinkHost, OutgoingPart, SendOutcome } from '../../core/ports/transport.ts';
import { outgoingPart } from '../testkit/outgoing-part.ts';
import { RecordingHost } from '../testkit/recording-host.ts';
import { runManifestCases } from '../testkit/run-manifest-cases.ts';
import { phone } from './index.ts';
import { PhoneLink } from './link.ts';
import { phoneSettings } from './settings.ts';

describe('phone: manifest', () => {
  runManifestCases(phone, {
    badSettings: [
      { settings: { silentMinutes: 0 }, key: 'silentMinutes' },
      { settings: { pace: { parts: 1 } }, key: 'minutes' },
      { settings: { whenSilent: 'drop' }, key: 'whenSilent' },
      { settings: { push: { url: 'ftp://x' } }, key: 'url' },
      { settings: { codeSeconds: -1 }, key: 'codeSeconds' },
    ],
  });
});

const nothing: Swept = { silent: [], moved: 0, expired: 0, unconfirmed: 0 };

/** Queues that a test holds in its hand. */
class PlayedQueues {
  readonly taken: OutgoingPart[] = [];
  answer: () => Promise<SendOutcome> = async () => ({ kind: 'accepted', upstreamId: 'x' });
  sweeps = 0;
  sweepResult: () => Promise<Swept> = async () => nothing;
  readonly host: LinkHost = Object.assign(new RecordingHost(), {
    devices: {
      take: (part: OutgoingPart) => {
        this.taken.push(part);
        return this.answer();
      },
      sweep: () => ({
        run: () => {
          this.sweeps += 1;
          return this.sweepResult();
        },
      }),
      pushTokenOf: async () => null,
      wakes: { on: () => () => {} },
    },
  });
}

describe('phone: link', () => {
  const clock = new FakeClock();
  const lines: { level: string; what: string }[] = [];
  let link: PhoneLink;
  let queues: PlayedQueues;
  const open = () => {
    lines.length = 0;
    queues = new PlayedQueues();
    link = new PhoneLink('phones' as LinkId, phoneSettings.parse({}), {
      clock,
      dataFolder: '/nonexistent',
      log: (level, what) => lines.push({ level, what }),
    });
  };
  afterEach(() => link.stop());

  it('takes nothing before its start, nor after its stop', async () => {
    open();
    const unavailable = { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere' };
    expect(await link.send(outgoingPart())).toMatchObject(unavailable);
    await link.start(queues.host);
    expect(link.state()).toBe('up');
    expect(await link.send(outgoingPart())).toMatchObject({ kind: 'accepted' });
    await Promise.all([link.stop(), link.stop()]);
    expect(link.state()).toBe('stopped');
    expect(await link.send(outgoingPart())).toMatchObject(unavailable);
    expect(queues.taken).toHaveLength(1);
    expect(clock.pending).toBe(0);
    await expect(link.start(queues.host)).rejects.toThrow('was started before');
  });

  it('leaves a text whole, and all the pace to the phones', () => {
    open();
    expect(link.split('x'.repeat(1_000))).toEqual(['x'.repeat(1_000)]);
    expect(link.pace().parts).toBeGreaterThan(1e9);
  });

  it('an answer that storage owes is lost, and no refusal', async () => {
    open();
    await link.start(queues.host);
    queues.answer = () => Promise.reject(new Error('the disk is full'));
    expect(await link.send(outgoingPart())).toMatchObject({ kind: 'unknown' });
  });

  it('waits at its stop for what is under way', async () => {
    open();
    await link.start(queues.host);
    let answer: (outcome: SendOutcome) => void = () => {};
    queues.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const sent = link.send(outgoingPart());
    let stopped = false;
    const stop = link.stop().then(() => {
      stopped = true;
    });
    await clock.settle();
    expect(stopped).toBe(false);
    answer({ kind: 'accepted', upstreamId: 'x' });
    await stop;
    expect(await sent).toMatchObject({ kind: 'accepted' });
  });

  it('looks at the queues again and again, also after it failed', async () => {
    open();
    await link.start(queues.host);
    await clock.advance(10_000);
    expect(queues.sweeps).toBe(1);
    queues.sweepResult = () => Promise.reject(new Error('no storage'));
    await clock.advance(10_000);
    expect(lines).toMatchObject([{ level: 'warn' }]);
    queues.sweepResult = async () => ({ ...nothing, moved: 3 });
    await clock.advance(10_000);
    expect(queues.sweeps).toBe(3);
    expect(lines).toMatchObject([{ level: 'warn' }, { level: 'info' }]);
  });
});
