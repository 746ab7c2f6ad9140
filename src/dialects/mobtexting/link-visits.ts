import type { Event } from '../../core/events.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import type { Payload } from './compose.ts';
import { resourceTime } from './times.ts';
import { isWebhook, webhookOf } from './webhook-settings.ts';

type Visited = Extract<Event, { type: 'link.visited' }>;

/** Visits of a link are told at the webhook that it names, and nowhere else. */
export function wantsVisit({ link }: Visited, endpoint: Endpoint): boolean {
  return (
    link.endpointId === endpoint.id && isWebhook(endpoint) && webhookOf(endpoint)?.active === true
  );
}

/** What is told of a visit: of the row that `link/urls/{id}/visits` shows the fields that are known. */
export function visitPayload({ at, link, visit }: Visited): Payload {
  return {
    link_id: link.code,
    title: link.title,
    short_url: link.shortUrl,
    long_url: link.url,
    client_ip: visit.address,
    user_agent: visit.userAgent,
    type: visit.kind,
    created_at: resourceTime(at),
  };
}
