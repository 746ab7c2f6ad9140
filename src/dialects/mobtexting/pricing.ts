import { z } from 'zod';
import type { Country } from '../../text/phone-number.ts';
import { callingCodeOf, countryName } from '../../text/countries.ts';
import { inCredits } from '../../core/money.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { ok } from './envelope.ts';
import { oldPaginator, paged, pageOf, paginator } from './paginator.ts';
import { productsOf } from './products.ts';
import { decimals } from './reports.ts';
import { list, optional, read, whole } from './schema.ts';
import { resourceTime, timeText } from './times.ts';

const filters = z.object({
  filter: z.object({ iso: optional(3), service: optional(32), status: whole(0, 1) }).optional(),
});

/**
 * `GET sms/pricing`: what a part costs, by country and product. A price here is of a product and not of a country, and
 * credits are in no currency.
 */
const pricing: Handler = async (call) => {
  const { filter } = read(filters, call.input);
  const rows = call.caller.view.account.allowedCountries.flatMap((country) =>
    pricesIn(country, call),
  );
  const fitting = rows.filter(
    ({ iso, service, status }) =>
      (filter?.iso ?? iso).toUpperCase() === iso &&
      (filter?.service ?? service) === service &&
      (filter?.status ?? status) === status,
  );
  const at = pageOf(call);
  const found = paged(fitting, at);
  return ok('Pricing List', found.rows, paginator(found, at, call));
};

function pricesIn(country: Country, { caller }: Call) {
  const { account, products } = caller.view;
  const offered = [...productsOf(caller.view).values()].filter(
    ({ code }) => products.size === 0 || products.has(code),
  );
  return offered.map(({ code, name }) => {
    const product = products.get(code);
    const at = resourceTime((product ?? account).createdAt);
    return {
      iso: country,
      country_name: countryName(country),
      calling_code: callingCodeOf(country),
      sale_price: String(inCredits((product ?? account).pricePerPart)),
      service: code,
      service_name: name,
      currency: null,
      status: 1,
      created_at: at,
      updated_at: at,
    };
  });
}

const networks = z.object({ country: list(250, 60), mcc: optional(10), mnc: optional(10) });

/**
 * `GET sms/locations/coveragelist`: the countries that the account may send to. Networks are not told apart here: who
 * asks for one by its codes gets nothing.
 */
const coverage: Handler = async (call) => {
  const { country: names, mcc, mnc } = read(networks, call.input);
  const { account } = call.caller.view;
  const wanted = names?.map((name) => name.toLowerCase());
  const rows = account.allowedCountries.flatMap((country) => {
    const location = countryName(country);
    const isAsked =
      !wanted || wanted.includes(location.toLowerCase()) || wanted.includes(country.toLowerCase());
    if (!isAsked || mcc !== undefined || mnc !== undefined) return [];
    return {
      location,
      network: 'All',
      mcc: '',
      mnc: '',
      charges: decimals(account.pricePerPart),
      effective_date: timeText(account.createdAt, call.settings.timeZone),
    };
  });
  const at = pageOf(call, 25);
  return { body: { status: 'OK', data: oldPaginator(paged(rows, at), at, call) } };
};

export const pricingEndpoints: readonly Endpoint[] = [
  { path: '/sms/pricing', methods: { GET: pricing } },
  { path: '/sms/locations/coveragelist', methods: { GET: coverage } },
];
