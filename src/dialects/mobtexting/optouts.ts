import { z } from 'zod';
import type { E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { Endpoint, Handler } from './call.ts';
import { noEntity } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { mobile } from './present.ts';
import { list, missing, read } from './schema.ts';
import { resourceTime } from './times.ts';
import { idOfAll, readNumber } from './unsubscribers.ts';

const mostNumbers = 100;
const wish = z.object({ number: list(mostNumbers, 64) });

/** `POST sms/optout` (older, reference C.3): a number, or several with commas between them; the first is shown. */
const add: Handler = async ({ caller, input }, { gateway }) => {
  const { number: written } = read(wish, input);
  if (written === undefined) throw missing('number');
  const { homeCountry } = caller.view.account;
  const numbers = written.map((one) => readNumber(one, homeCountry, 'number'));
  for (const number of numbers) await gateway.optOut(caller, number);
  const [first] = numbers as [E164];
  const search = { number: first, kind: 'all' } as const;
  const { items } = await gateway.scopedOptouts.search(caller, search, { limit: 1, offset: 0 });
  return ok('Number added to optout list', {
    mobile: mobile(first),
    id: idOfAll(first),
    created_at: resourceTime(items[0]?.createdAt ?? 0),
  });
};

/** `DELETE sms/optout/{number}` */
const remove: Handler = async ({ caller, params }, { gateway }) => {
  const number = parseNumber(params['number'] ?? '', caller.view.account.homeCountry)?.e164;
  if (!number || !(await gateway.optIn(caller, number))) throw noEntity();
  return deleted();
};

export const optoutEndpoints: readonly Endpoint[] = [
  { path: '/sms/optout', methods: { POST: add } },
  { path: '/sms/optout/:number', methods: { DELETE: remove } },
];
