import { z } from 'zod';
import type { LinkId } from '../core/ids.ts';
import { media } from '../core/messages/medium.ts';
import { fromCredits } from '../core/money.ts';
import type { CostList } from '../core/routing/rule.ts';
import { isCountry } from '../text/phone-number.ts';
import type { Country } from '../text/phone-number.ts';
import { credits, listOf, oneOf, section, someOf, text, wholeNumber } from './values.ts';

/** Of what is not ours to define: products, tags, names of accounts. */
const name = text('a text that is not empty', (written) => written !== '');

export const country = text(
  'the two letters of a country in upper case, such as AU (ISO 3166-1)',
  isCountry,
).transform((code) => code as Country);

export const linkId = text(
  'the name of a link: letters, digits, dashes and underscores, at most 63',
  (written) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(written),
).transform((written) => written as LinkId);

const prefixForm = /^\+[1-9][0-9]{0,14}$/;
const prefix = text('a plus sign and digits, such as +614', (written) => prefixForm.test(written));

/** Where no prefix fits. */
const otherwise = 'default';
const costKey = text(
  `a prefix, such as +614, or ${otherwise}`,
  (written) => written === otherwise || prefixForm.test(written),
);

/** Credits for a part: one number, or numbers by prefix. */
const cost = z
  .union([credits(), z.record(costKey, credits())], {
    error: `credits for a part, or a section with credits for prefixes and for ${otherwise}`,
  })
  .transform((written): CostList => {
    if (typeof written === 'number') {
      return { standard: fromCredits(written), prefixes: new Map() };
    }
    const { [otherwise]: standard, ...prefixes } = written;
    return {
      standard: standard === undefined ? null : fromCredits(standard),
      prefixes: new Map(
        Object.entries(prefixes).map(([digits, amount]) => [digits, fromCredits(amount)]),
      ),
    };
  });

const target = z.union(
  [
    linkId,
    section({
      link: linkId,
      weight: wholeNumber(1, 1000).optional(),
      cost: cost.optional(),
    }),
  ],
  { error: 'the name of a link, or a section with the settings link, weight, cost' },
);

/** A link of a rule, however it is written. */
export const nameOf = (one: z.output<typeof target>): LinkId =>
  typeof one === 'string' ? one : one.link;

export const route = section({
  accounts: someOf(name, 'a list of names of accounts').optional(),
  products: someOf(name, 'a list of products').optional(),
  channels: someOf(name, 'a list of channels').optional(),
  prefixes: someOf(prefix, 'a list of prefixes').optional(),
  countries: someOf(country, 'a list of countries').optional(),
  senders: someOf(name, 'a list of senders').optional(),
  tags: someOf(name, 'a list of tags').optional(),
  media: someOf(oneOf(media), `a list of media (${media.join(', ')})`).optional(),
  links: listOf(target, 'a list of links')
    .refine((links) => links.length > 0, { error: 'a list of links, with at least one' })
    .refine((links) => new Set(links.map(nameOf)).size === links.length, {
      error: 'a list of links, without any named twice',
    }),
  cost: cost.optional(),
});
