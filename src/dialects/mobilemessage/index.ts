import type { Dialect } from '../dialect.ts';
import { refusalOf } from './errors.ts';
import { form, topics } from './notifications.ts';
import { mount } from './routes.ts';
import { accountSettings } from './settings.ts';

/** The API of Mobile Message (Australia), in its editions of 2024 and 2026. */
export const mobilemessage: Dialect = {
  name: 'mobilemessage',
  title: 'Mobile Message',
  accountSettings,
  credentialKinds: ['basic'],
  topics,
  form,
  mount,
  refuse: refusalOf,
  demo: {
    name: 'demo-mobilemessage',
    credits: 1000,
    credentials: [{ kind: 'basic', username: 'user123', secret: 'mypassword' }],
    senders: [
      { address: 'CompanyABC', kind: 'alphanumeric' },
      { address: 'Mobile MSG', kind: 'shared' },
    ],
    // The seed's own example, in one line.
    curl: (baseUrl, { username, secret }) =>
      `curl -u ${username ?? ''}:${secret} -X POST ${baseUrl}/mobilemessage/v1/messages ` +
      `-H "Content-Type: application/json" -d '${JSON.stringify({ messages: [example] })}'`,
  },
};

const example = {
  to: '0412345678',
  message: 'Hello, this is a test message',
  sender: 'CompanyABC',
  custom_ref: 'tracking001',
};
