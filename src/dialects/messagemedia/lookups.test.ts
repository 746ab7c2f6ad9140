import { expect } from 'vitest';
import type { Country } from '../../text/phone-number.ts';
import { runDialectCases } from '../testkit/run-dialect-cases.ts';
import { parseFault, suiteOf } from './testkit/suite.ts';

const at = (path: string) => ({ method: 'GET', path: `/v1/lookups/phone/${path}` }) as const;

runDialectCases(
  suiteOf(
    [
      {
        name: 'GET /v1/lookups/phone/{phone_number}',
        request: at('+61491570156'),
        wrongMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
      },
    ],
    'messages',
  ),
  [
    {
      name: 'without options: number and country',
      request: at('0491570156'),
      body: '{"country_code":"AU","phone_number":"+61491570156"}',
    },
    {
      name: 'its type, and that its carrier is not known',
      request: at('61491570156?options=carrier,type'),
      body: '{"country_code":"AU","phone_number":"+61491570156","type":"mobile","carrier":{"name":"unknown"}}',
    },
    {
      name: 'a landline',
      request: at('+61291234567?options=TYPE'),
      body: '{"country_code":"AU","phone_number":"+61291234567","type":"landline"}',
    },
    {
      name: 'where the plan does not tell, nobody guesses',
      request: at('+12025550123?options=type'),
      body: '{"country_code":"US","phone_number":"+12025550123","type":"unknown"}',
    },
    {
      name: 'where the plan does not tell, a text that arrived does',
      account: { allowedCountries: ['US' as Country] },
      given: async ({ world, account }) => {
        const caller = await account.caller();
        const limits = { alphabet: 'any', characters: 100, parts: 1 } as const;
        const message = { to: '+12025550123', text: 'x', sender: 'CompanyABC', limits };
        await world.gateway.submit({ caller, messages: [message] });
        await world.clock.settle();
        await world.link.receipt('delivered', { at: world.clock.now() });
      },
      request: at('+12025550123?options=type'),
      body: '{"country_code":"US","phone_number":"+12025550123","type":"mobile"}',
    },
    ...['hlr', 'type,hlr'].map((options) => ({
      name: `what only the networks know is refused: ${options}`,
      request: at(`+61491570156?options=${options}`),
      status: 400,
      body: JSON.stringify({
        message: parseFault,
        details: ['/options: hlr is known to the networks alone, which this gateway does not ask'],
      }),
    })),
    {
      name: 'an option that is none',
      request: at('+61491570156?options=type,colour'),
      status: 400,
      body: JSON.stringify({ message: parseFault, details: ['/options: [colour] is invalid'] }),
    },
    ...['12', 'me', '+61', '%00', '1'.repeat(300)].map((phone) => ({
      name: `${phone.slice(0, 20)} is no number`,
      request: at(phone),
      status: 404,
      body: '{"message":"The number could not be found or is invalid."}',
      also: (answer: { headers: object }) =>
        expect(answer.headers).toMatchObject({ 'content-type': 'application/json' }),
    })),
  ],
);
