import { showAccount } from './account.ts';
import type { Endpoint } from './call.ts';
import { cancelScheduled } from './cancel.ts';
import { listInbound } from './inbound.ts';
import { lookUpMessages } from './lookup.ts';
import { sendMessages } from './send.ts';
import { listSenders, addSender } from './senders.ts';
import { sendSimple } from './simple.ts';
import { addUnsubscribe, listUnsubscribes, removeUnsubscribe } from './unsubscribes.ts';
import { showWebhooks } from './webhooks.ts';

/** All of the API (reference A.2): what the seed has is of edition 2024. */
export function makeEndpoints(): Endpoint[] {
  return [
    {
      path: '/v1/messages',
      login: 'header',
      methods: {
        GET: { since: '2024', handle: lookUpMessages },
        POST: { since: '2024', handle: sendMessages },
        DELETE: { since: '2026', handle: cancelScheduled },
      },
    },
    {
      path: '/v1/account',
      login: 'header',
      methods: { GET: { since: '2024', handle: showAccount } },
    },
    {
      path: '/v1/inbound',
      login: 'header',
      methods: { GET: { since: '2026', handle: listInbound } },
    },
    {
      path: '/v1/senders',
      login: 'header',
      methods: {
        GET: { since: '2026', handle: listSenders },
        POST: { since: '2026', handle: addSender },
      },
    },
    {
      path: '/v1/unsubscribes',
      login: 'header',
      methods: {
        GET: { since: '2026', handle: listUnsubscribes },
        POST: { since: '2026', handle: addUnsubscribe },
        DELETE: { since: '2026', handle: removeUnsubscribe },
      },
    },
    {
      path: '/v1/webhooks',
      login: 'header',
      methods: { GET: { since: '2026', handle: showWebhooks } },
    },
    ...['/simple/send-sms', '/simple/send-sms.php'].map(
      (path): Endpoint => ({
        path,
        login: 'fields',
        changes: true,
        methods: {
          GET: { since: '2026', handle: sendSimple },
          POST: { since: '2026', handle: sendSimple },
        },
      }),
    ),
    ...['/simple/get-balance', '/simple/get-balance.php'].map(
      (path): Endpoint => ({
        path,
        login: 'fields',
        methods: {
          GET: { since: '2026', handle: showAccount },
          POST: { since: '2026', handle: showAccount },
        },
      }),
    ),
  ];
}
