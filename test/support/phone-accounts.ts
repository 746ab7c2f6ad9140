import { fromCredits } from '../../src/core/money.ts';
import { composition } from '../../src/main.ts';
import type { Country } from '../../src/text/phone-number.ts';
import type { StoragePlace } from '../../src/storage/engines/index.ts';

/** An account with phones to come: what they enrol with, and how its programs log in. */
export interface PhoneAccount {
  token: string;
  authorization: string;
}

/** Makes accounts beside a gateway that serves, as its owner's commands do. */
export async function createPhoneAccounts(
  { data, storage }: StoragePlace,
  { count, credits }: { count: number; credits: number },
): Promise<PhoneAccount[]> {
  const config = composition.config({ flags: { data, ...(storage !== '' && { storage }) } });
  const opened = await composition.open(config);
  const { owner, devices } = opened.gateway;
  const country = 'AU' as Country;
  try {
    return await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const { id } = await owner.createAccount({
          name: `shop-${at}`,
          homeCountry: country,
          allowedCountries: [country],
          pricePerPart: fromCredits(1),
          refundPolicy: 'unsent',
          duplicateWindowMs: 0,
          settings: {},
        });
        await owner.topUp(id, fromCredits(credits), null);
        const { secret: token } = await devices.enrolment.token(id);
        const wanted = { dialect: 'mobilemessage', kind: 'basic' } as const;
        const { username, secret } = await owner.issueCredential(id, wanted);
        const login = Buffer.from(`${username}:${secret}`).toString('base64');
        return { token, authorization: `Basic ${login}` };
      }),
    );
  } finally {
    await opened.close();
  }
}
