import type { Country } from '../../text/phone-number.ts';
import type { Dialect } from '../dialect.ts';
import { dialect } from './auth.ts';
import { refusalOf } from './errors.ts';
import { form, topics } from './notifications.ts';
import { mount } from './routes.ts';
import { accountSettings, credentialSettings } from './settings.ts';

/** The API v2 of MobTexting and of those who sell it under their own name, such as BICS. */
export const mobtexting: Dialect = {
  name: dialect,
  title: 'MobTexting',
  accountSettings,
  credentialSettings,
  credentialKinds: ['bearer'],
  topics,
  form,
  mount,
  refuse: refusalOf,
  demo: {
    name: 'demo-mobtexting',
    credits: 1000,
    // As the vendor's samples have it; the sandbox's magic numbers are Australian.
    homeCountry: 'IN' as Country,
    allowedCountries: ['IN', 'AU'] as Country[],
    credentials: [{ kind: 'bearer', secret: 'demo-access-token' }],
    senders: [{ address: 'TXTSMS', kind: 'alphanumeric' }],
    curl: (baseUrl, { secret }) =>
      `curl -X POST ${baseUrl}/${dialect}/api/v2/sms/send -H "Authorization: Bearer ${secret}" ` +
      `-H "Content-Type: application/json" -d '${JSON.stringify(example)}'`,
  },
};

const example = {
  sender: 'TXTSMS',
  to: '61491570156',
  service: 'T',
  message: 'Your OTP is 123456',
  meta: { tags: ['tag'] },
};
