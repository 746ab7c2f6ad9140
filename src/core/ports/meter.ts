import type { ErrorCode } from '../errors.ts';
import type { LinkId } from '../ids.ts';
import type { MessageStatus } from '../messages/status.ts';

/** What the core counts, in words of SMS; `observability/metrics.ts` shows it to Prometheus. */
export interface Meter {
  accepted(messages: number): void;
  refused(code: ErrorCode): void;
  /** One part's answer from the network; `said` is the network's own name for an error. */
  answered(
    linkId: LinkId,
    outcome: 'accepted' | 'retryable' | 'refused' | 'unknown',
    said?: string,
  ): void;
  /** A message reached a status; `sinceSentMs` where a receipt brought the news. */
  moved(status: MessageStatus, sinceSentMs?: number): void;
  replied(): void;
  /** Messages that waited for a link which is down take another one. */
  rerouted(linkId: LinkId, messages: number): void;
  notified(outcome: 'delivered' | 'retried' | 'failed', lagMs: number): void;
}
