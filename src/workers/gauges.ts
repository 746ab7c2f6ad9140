import type { LinkId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Storage } from '../core/ports/storage.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { DispatchWorker } from './dispatch.ts';

/** What is asked of the parts when somebody looks at the metrics. */
export function showLoad(
  metrics: Metrics,
  dispatcher: DispatchWorker,
  { storage, clock }: { storage: Storage; clock: Clock },
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
  metrics.gaugeBy('link_held', 'Does this node hold the link (1), or not (0)?', 'link', () => {
    const held = new Set(dispatcher.load().map(({ linkId }) => linkId));
    return links.map((id) => [id, held.has(id) ? 1 : 0]);
  });
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
