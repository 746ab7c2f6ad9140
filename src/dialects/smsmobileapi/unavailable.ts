import type { Endpoint, Handler } from './call.ts';
import type { Shape } from './errors.ts';

/**
 * What the API has beside SMS (reference B.2) and this gateway has no means for: it says so, in the shape of each
 * endpoint, with status 200 as other refusals of the application.
 */
const groups: readonly { what: string; paths: readonly [path: string, family: Shape][] }[] = [
  {
    what: 'Call lists are not available: the gateway has no access to the calls of a phone.',
    paths: [
      ['/call/missed/list', 'success'],
      ['/call/incoming/list', 'success'],
      ['/call/outgoing/list', 'success'],
    ],
  },
  {
    what: 'Notifications are not available: the gateway cannot show any on a phone.',
    paths: [
      ['/notification/send', 'success'],
      ['/notification/list', 'success'],
    ],
  },
  {
    what: 'WhatsApp is not available: this gateway sends and receives SMS only.',
    paths: [
      ['/getwa/active', 'result'],
      ['/getwa/synchronisation', 'plain'],
      ['/getwa', 'result'],
      ['/whatsapp/checknumber', 'result'],
    ],
  },
  {
    what: 'Email is not available: this gateway sends and receives SMS only.',
    paths: [
      ['/sendemail', 'result'],
      ['/getemail', 'result'],
    ],
  },
];

const answers: Record<Shape, (message: string) => object> = {
  result: (message) => ({
    result: { error: 'not available', note: message },
    error: 'not available',
    message,
  }),
  success: (message) => ({ success: false, error: 'not available', message }),
  // Flat, and all of it strings (reference B.3).
  plain: (messages) => ({ error: 'not available', messages, expire_at: '', expire_at_unix: '' }),
};

export const unavailable: readonly Endpoint[] = groups.flatMap(({ what, paths }) =>
  paths.map(([path, family]): Endpoint => {
    const handle: Handler = async () => answers[family](what);
    return { path, family, handle };
  }),
);
