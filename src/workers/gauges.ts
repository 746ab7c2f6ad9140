import type { LinkId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Storage } from '../core/ports/storage.ts';
import type { LinkHealth } from '../core/routing/link-health.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { DispatchWorker } from './dispatch.ts';

/** What is asked of the parts when somebody looks at the metrics. */
export function showLoad(
  metrics: Metrics,
  dispatcher: DispatchWorker,
  { storage, clock, health }: { storage: Storage; clock: Clock; health: LinkHealth },
  links: readonly LinkId[],
): void {
  metrics.gaugeBy(
    'queue_age_seconds',
    'How long the head of the queue of a link in storage could have been taken.',
    'link',
    () =>
      Promise.all(
        links.map(async (id) => {
          const head = await storage.read.messages.queueHead(id);
          return [id, Math.max(0, clock.now() - (head ?? clock.now())) / 1000] as const;
        }),
      ),
  );
  metrics.gaugeBy(
    'campaigns',
    'Campaigns that have not ended, by state: `paused` ones wait for somebody.',
    'state',
    async () => {
      const counts = await storage.read.campaigns.counts();
      return counts.map(({ state, count }) => [state, count] as const);
    },
  );
  metrics.gaugeBy('link_held', 'Does this node hold the link (1), or not (0)?', 'link', () => {
    const held = new Set(dispatcher.load().map(({ linkId }) => linkId));
    return links.map((id) => [id, held.has(id) ? 1 : 0]);
  });
  metrics.gaugeBy('link_up', 'Is the link up (1), as far as this node knows?', 'link', () =>
    links.map((id) => [id, health.isDown(id) ? 0 : 1]),
  );
  metrics.gaugeBy(
    'link_demoted',
    'Does the link go behind the others of its routes (1), since its receipts are bad?',
    'link',
    () => links.map((id) => [id, health.demotedSince(id) === null ? 0 : 1]),
  );
  metrics.gaugeBy(
    'link_bad_receipts_ratio',
    'Of the receipts by which this node judges a link, the share that is not `delivered`.',
    'link',
    () =>
      health
        .reports()
        .flatMap(({ linkId, receipts, failures }) =>
          receipts && failures !== null ? [[linkId, failures / receipts] as const] : [],
        ),
  );
  metrics.gaugeBy('link_parts_on_their_way', 'Parts that a link has not answered.', 'link', () =>
    dispatcher.load().map(({ linkId, onTheirWay }) => [linkId, onTheirWay]),
  );
  metrics.gaugeBy(
    'link_messages_in_memory',
    'Messages that wait in memory for a link.',
    'link',
    () => dispatcher.load().map(({ linkId, waiting }) => [linkId, waiting]),
  );
}
