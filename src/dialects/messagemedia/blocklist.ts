import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { Country, E164 } from '../../text/phone-number.ts';
import { asE164, parseNumber } from '../../text/phone-number.ts';
import type { Endpoint, Handler } from './call.ts';
import { refused, valueOf } from './filters.ts';
import { fault, listOf, readBody, refusedFor, text } from './schema.ts';

const listUri = '/v1/number_authorisation/mt/blacklist';
const checkUri = '/v1/number_authorisation/is_authorised';

const numbersOfAPage = 100;
/** The vendor's (reference §9). */
const mostAdded = 10;
/** Ours: as many as a path has room for. */
const mostChecked = 100;

const added = z.object({
  numbers: listOf(
    text('Number'),
    { most: mostAdded },
    { none: 'Numbers cannot be null', count: `Numbers must be between 1 and ${mostAdded}` },
  ),
});

/** `GET …/mt/blacklist[?token]` (reference §9): the account's opt-outs, however they came. */
const list: Handler = async ({ caller, query }, { gateway }) => {
  const token = valueOf(query, 'token');
  const after = token === undefined ? null : readToken(token);
  const found = await gateway.optoutsAfter(caller, after, numbersOfAPage + 1);
  const numbers = found.slice(0, numbersOfAPage);
  const last = numbers.at(-1);
  const next = found.length > numbersOfAPage && last ? tokenOf(last) : null;
  return {
    status: 200,
    body: {
      uri: token === undefined ? listUri : `${listUri}?token=${encodeURIComponent(token)}`,
      numbers,
      pagination: next === null ? {} : { page: next, next_uri: `${listUri}?token=${next}` },
    },
  };
};

/** `POST …/mt/blacklist`: 201, or 200 when all were listed before. All are read before one is written. */
const add: Handler = async ({ caller, body }, { gateway }) => {
  const { numbers } = readBody(added, body);
  const read = readNumbers(numbers, caller.view.account.homeCountry);
  const news = await Promise.all([...new Set(read)].map((one) => gateway.optOut(caller, one)));
  return { status: news.includes(true) ? 201 : 200, body: { uri: listUri, numbers } };
};

/** `DELETE …/mt/blacklist/{number}` */
const remove: Handler = async ({ caller, params }, { gateway }) => {
  const number = parseNumber(params['number'] ?? '', caller.view.account.homeCountry);
  if (!number || !(await gateway.optIn(caller, number.e164))) {
    throw new GatewayError('not_found', 'Resource not found.');
  }
  return { status: 200, contentType: 'text/plain' };
};

/** `GET …/is_authorised/{n1,n2}`: each as it was written, and whether it may be sent to. */
const check: Handler = async ({ caller, params }, { gateway }) => {
  const asked = params['numbers'] ?? '';
  const written = asked
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (written.length === 0 || written.length > mostChecked) {
    throw refusedFor([fault(['numbers'], `Numbers must be between 1 and ${mostChecked}`)]);
  }
  const read = readNumbers(written, caller.view.account.homeCountry);
  const blocked = await gateway.optedOut(caller, read);
  return {
    status: 200,
    body: {
      uri: `${checkUri}/${asked}`,
      numbers: written.map((number, at) => ({ number, authorised: blocked[at] === false })),
    },
  };
};

export const blocklistEndpoints: readonly Endpoint[] = [
  { path: listUri, family: 'messages', methods: { GET: list, POST: add } },
  { path: `${listUri}/:number`, family: 'messages', methods: { DELETE: remove } },
  { path: `${checkUri}/:numbers`, family: 'messages', methods: { GET: check } },
];

/** @throws GatewayError `invalid_request` with a fault for each that is no number. */
function readNumbers(written: readonly string[], home: Country): E164[] {
  const read = written.map((one) => parseNumber(one, home)?.e164);
  const faults = read.flatMap((number, at) =>
    number ? [] : [fault(['numbers', at], 'International address contains invalid characters.')],
  );
  if (faults.length > 0) throw refusedFor(faults);
  return read as E164[];
}

function tokenOf(number: E164): string {
  return Buffer.from(number).toString('base64url');
}

function readToken(token: string): E164 {
  const number = asE164(Buffer.from(token, 'base64url').toString());
  if (number === undefined) throw refused('token', token);
  return number;
}
