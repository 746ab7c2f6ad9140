import type { Dialect } from '../dialect.ts';
import { refusalOf } from './errors.ts';
import { form, topics } from './notifications.ts';
import { mount } from './routes.ts';
import { accountSettings } from './settings.ts';

/** The Messages API of MessageMedia (Sinch Engage), and what stands beside it. */
export const messagemedia: Dialect = {
  name: 'messagemedia',
  title: 'MessageMedia',
  accountSettings,
  credentialKinds: ['basic', 'hmac'],
  topics,
  form,
  mount,
  refuse: (error) => refusalOf(error),
  demo: {
    name: 'demo-messagemedia',
    credits: 1000,
    credentials: [
      { kind: 'basic', username: 'demo-key', secret: 'demo-secret' },
      { kind: 'hmac', username: 'demo-key', secret: 'demo-secret' },
    ],
    senders: [
      { address: '+61491570157', kind: 'dedicated' },
      { address: 'Parlance', kind: 'alphanumeric' },
    ],
    // The seed's own example.
    curl: (baseUrl, { username, secret }) =>
      `curl -u ${username ?? ''}:${secret} -X POST ${baseUrl}/messagemedia/v1/messages ` +
      `-H "Content-Type: application/json" -d '${JSON.stringify({ messages: [example] })}'`,
  },
};

const example = { content: 'My first message', destination_number: '+61491570156' };
