import { z } from 'zod';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { OutgoingMessage } from '../../core/messages/prepare.ts';
import type { Direction } from '../../core/optouts/optout-links.ts';
import { faultOfLinks, mostLinkTags, placeholders } from '../../core/optouts/optout-links.ts';
import type { Scope } from '../../core/optouts/scope.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Endpoint, Handler } from './call.ts';
import { noService } from './finance.ts';
import { productsOf } from './products.ts';
import { invalid, list, optional, read } from './schema.ts';

// The page says "max. of 2 tags", the seed "maximum of 3 opt-out tags"; the page has `tags`, the reference `tag`.
const tags = list(mostLinkTags, 100);
const wish = z.object({ sender: optional(32), tags, tag: tags, service: optional(32) });

/** `POST sms/suppressions/optout/link` and `…/optin/link` */
const generate =
  (direction: Direction): Handler =>
  async ({ caller: { view }, input }, { gateway }) => {
    const { sender, service, ...asked } = read(wish, input);
    if (sender !== undefined && !view.senders.has(senderKey(sender))) {
      throw invalid('sender', 'The selected sender is invalid.');
    }
    if (service !== undefined && !productsOf(view).has(service)) throw noService();
    const scopes: Scope[] = [
      ...(sender === undefined ? [] : [{ kind: 'sender' as const, value: sender }]),
      ...(asked.tags ?? asked.tag ?? []).map((value): Scope => ({ kind: 'tag', value })),
      ...(service === undefined ? [] : [{ kind: 'product' as const, value: service }]),
    ];
    const words = direction === 'out' ? 'Optout' : 'Optin';
    return {
      body: {
        status: 'OK',
        message: `${words} link generated Successfully.`,
        data: gateway.optoutLinks.template(placeholders[direction], scopes),
      },
    };
  };

export const optoutLinkEndpoints: readonly Endpoint[] = [
  { path: '/sms/suppressions/optout/link', methods: { POST: generate('out') } },
  { path: '/sms/suppressions/optin/link', methods: { POST: generate('in') } },
];

/** @throws GatewayError `invalid_request` for a text with links that nobody could follow, or with too many. */
export function requireLinks(text: string, field: string): void {
  const fault = faultOfLinks(text);
  if (fault !== undefined) throw invalid(field, fault);
}

/** A message whose text has links for its recipient in the place of the placeholders. */
export function withOptoutLinks(
  gateway: Gateway,
  { view }: Caller,
  message: OutgoingMessage,
): OutgoingMessage {
  if (!message.text.includes('[#opt')) return message;
  return {
    ...message,
    text: gateway.optoutLinks.fill(view, message.to, message.text),
  };
}
