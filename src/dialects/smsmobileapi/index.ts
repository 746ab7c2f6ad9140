import type { Dialect } from '../dialect.ts';
import { dialect } from './auth.ts';
import { refusalOf } from './errors.ts';
import { form, topics } from './notifications.ts';
import { mount } from './routes.ts';
import { accountSettings, errorStyles } from './settings.ts';

/** The API of SMSmobileAPI, which sends by its user's own phone. */
export const smsmobileapi: Dialect = {
  name: dialect,
  title: 'SMSmobileAPI',
  accountSettings,
  words: { errors: errorStyles },
  credentialKinds: ['api_key', 'oauth_client'],
  topics,
  form,
  mount,
  refuse: (error) => refusalOf(error),
  demo: {
    name: 'demo-smsmobileapi',
    credits: 1000,
    credentials: [
      { kind: 'api_key', secret: 'demo-api-key' },
      { kind: 'oauth_client', username: 'demo-client', secret: 'demo-secret' },
    ],
    senders: [{ address: '+61491570110', kind: 'dedicated' }],
    // The seed's own example, in one line.
    curl: (baseUrl, { secret }) =>
      `curl -X POST ${baseUrl}/${dialect}/sendsms/ -d "recipients=+61491570156" -d "message=Hello World" -d "apikey=${secret}"`,
  },
};
