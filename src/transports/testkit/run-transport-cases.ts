import { afterEach, describe, expect, it } from 'vitest';
import type {
  OutgoingPart,
  ReceiptNews,
  ReplyNews,
  SendOutcome,
} from '../../core/ports/transport.ts';
import type { Transport } from '../transport.ts';
import { outgoingPart, type PartWish, privateWord } from './outgoing-part.ts';
import { type NetworkSide, Rig } from './rig.ts';
import { runContractCases } from './run-contract-cases.ts';
import { runManifestCases } from './run-manifest-cases.ts';

/** One thing that is sent, and its whole story. */
export interface TransportCase<Side extends NetworkSide> {
  name: string;
  /** Over the settings that the network side gives. */
  settings?: Record<string, unknown>;
  /** Tells the network what to do with what comes. */
  prepare?(side: Side): Promise<void> | void;
  /** Handed over one after the other, without time between them. */
  send: readonly (PartWish | OutgoingPart)[];
  /** What each hand-over is answered, in the same order. */
  outcomes: readonly Partial<SendOutcome>[];
  /** How much time passes then. */
  passMs: number;
  /** All that come, and in this order. Default: none. */
  receipts?: readonly Partial<ReceiptNews>[];
  replies?: readonly Partial<ReplyNews>[];
  /** What else must hold in the end. */
  check?(rig: Rig, side: Side): Promise<void> | void;
}

export interface TransportSubject<Side extends NetworkSide> {
  /** Makes a network for one test. */
  network(): Promise<Side> | Side;
  /** Settings an owner may get wrong, and the key that the complaint must name. */
  badSettings: readonly { settings: unknown; key: string }[];
  /** Destinations that the network delivers to. */
  delivered: readonly [string, ...string[]];
  /** Takes the network away in mid-sentence; for a transport that talks to one. */
  cut?(side: Side): Promise<void> | void;
  cases: readonly TransportCase<Side>[];
}

/**
 * The table of one transport's tests, and beside it what holds for every transport: its settings are
 * described and their errors name the key; send neither throws nor hangs, whatever it is given and
 * also when the network goes away; stop waits for what is under way, can be called at any time, and
 * leaves no timer; a link that is not up says `link_unavailable`; a receipt follows an accepted part;
 * a gateway that fails does not bring the link down; no text or secret is logged.
 */
export function runTransportCases<Settings, Side extends NetworkSide>(
  transport: Transport<Settings>,
  subject: TransportSubject<Side>,
): void {
  const plain: Transport = transport;
  const rigs: Rig[] = [];

  async function open(settings: Record<string, unknown> = {}): Promise<{ rig: Rig; side: Side }> {
    const side = await subject.network();
    const rig = new Rig(plain, side, settings);
    rigs.push(rig);
    return { rig, side };
  }

  afterEach(async () => {
    for (const rig of rigs.splice(0)) {
      await rig.close();
      expectNothingPrivate(rig);
    }
  });

  describe(`${transport.name}: manifest`, () => {
    runManifestCases(plain, subject);
  });
  describe(`${transport.name}: contract`, () => {
    runContractCases(open, subject);
  });

  describe(`${transport.name}: cases`, () => {
    it.each([...subject.cases])('$name', async (one) => {
      const { rig, side } = await open(one.settings);
      await one.prepare?.(side);
      await rig.start();
      const outcomes: SendOutcome[] = [];
      for (const wish of one.send) outcomes.push(await rig.send(outgoingPart(wish)));
      await rig.clock.advance(one.passMs);
      expect(outcomes).toMatchObject([...one.outcomes]);
      const { receipts = [], replies = [] } = one;
      await rig.eventually(() => {
        expect(rig.host.receipts).toMatchObject([...receipts]);
        expect(rig.host.replies).toMatchObject([...replies]);
      });
      await one.check?.(rig, side);
      expectReceiptsOfAccepted(rig);
    });
  });
}

/** Each receipt came after the answer that gave its part the id, and at most once. */
function expectReceiptsOfAccepted({ host, link }: Rig): void {
  expect(host.early).toEqual([]);
  const ids = host.receipts.map((news) => news.upstreamId);
  expect(ids).toHaveLength(new Set(ids).size);
  for (const news of [...host.receipts, ...host.replies]) expect(news.linkId).toBe(link.id);
}

function expectNothingPrivate({ log, side }: Rig): void {
  const lines = JSON.stringify(log);
  for (const word of [privateWord, ...(side.secrets ?? [])]) expect(lines).not.toContain(word);
}
