import type { Dialect } from '../dialect.ts';
import { refusalOf } from './errors.ts';
import { form, topics } from './notifications.ts';
import { mount } from './routes.ts';
import { accountSettings } from './settings.ts';

/** The API of SMSGate ("SMS Gateway for Android") for its users' programs, `/3rdparty/v1`. */
export const smsgate: Dialect = {
  name: 'smsgate',
  title: 'SMSGate',
  accountSettings,
  credentialKinds: ['basic'],
  topics,
  form,
  mount,
  refuse: refusalOf,
  demo: {
    name: 'demo-smsgate',
    credits: 1000,
    credentials: [{ kind: 'basic', username: 'demo', secret: 'demo-password' }],
    senders: [{ address: '+61491570006', kind: 'dedicated' }],
    curl: (baseUrl, { username, secret }) =>
      `curl -u ${username ?? ''}:${secret} -X POST ${baseUrl}/smsgate/3rdparty/v1/messages ` +
      `-H "Content-Type: application/json" -d '${JSON.stringify(example)}'`,
  },
};

const example = { textMessage: { text: 'Hello, world!' }, phoneNumbers: ['+61491570156'] };
