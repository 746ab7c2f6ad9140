import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { NumberId } from '../../core/ids.ts';
import type { Assignment } from '../../core/senders/number-pool.ts';
import type { Query } from '../shared/query.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { noSuchNumber, numbersOfAPage } from './dedicated.ts';
import type { Words } from './filters.ts';
import {
  pageOf,
  readCountry,
  readDigits,
  readPageSize,
  readUuid,
  readWord,
  readWords,
  refused,
  valueOf,
} from './filters.ts';
import { longestLabel, note } from './note.ts';
import {
  classificationWords,
  numbersContentType,
  presentNumber,
  typeWords,
} from './number-words.ts';
import { formatOf } from './present.ts';
import { metadata, readBody } from './schema.ts';

/** The documents require both, and their own prose either: nothing is refused for want of one. */
const notes = z.object({
  label: note('Label', longestLabel).nullish(),
  metadata: metadata.optional(),
});

/** `GET …/dedicated/{numberId}/assignment` */
const show: Handler = async (call, { gateway }) => {
  const assignment = await gateway.numbers.assignment(call.caller.view.account, idOf(call));
  if (!assignment) throw noSuchNumber();
  return { status: 200, body: presentAssignment(assignment), contentType: numbersContentType };
};

/** `POST …/dedicated/{numberId}/assignment`: the number is the account's alone, and a sender of it. */
const create: Handler = async (call, { gateway }) => {
  const wanted = readBody(notes, call.body);
  const assigning = gateway.numbers.assign(call.caller.view.account.id, idOf(call), {
    label: wanted.label ?? null,
    metadata: wanted.metadata ?? {},
  });
  const assignment = await assigning.catch((error: unknown) => {
    if (!(error instanceof GatewayError)) throw error;
    if (error.code === 'not_found') throw noSuchNumber();
    if (error.code !== 'already_exists') throw error;
    throw new GatewayError('already_exists', 'The number is not available for assignment.', {
      cause: error,
    });
  });
  return { status: 201, body: presentAssignment(assignment), contentType: numbersContentType };
};

/** `PATCH …/dedicated/{numberId}/assignment`: what is left out stays. */
const change: Handler = async (call, { gateway }) => {
  const { label, metadata: pairs } = readBody(notes, call.body);
  const { account } = call.caller.view;
  const assignment = await gateway.numbers.assignment(account, idOf(call));
  const changed =
    assignment &&
    (await gateway.senders.change(account.id, assignment.sender.id, {
      ...(typeof label === 'string' && { label }),
      ...(pairs && { metadata: pairs }),
    }));
  if (!changed) throw noSuchNumber();
  return { status: 204 };
};

/** `DELETE …/dedicated/{numberId}/assignment` */
const remove: Handler = async (call, { gateway }) => {
  const { account } = call.caller.view;
  const assignment = await gateway.numbers.assignment(account, idOf(call));
  if (!assignment || !(await gateway.senders.remove(account.id, { id: assignment.sender.id }))) {
    throw noSuchNumber();
  }
  return { status: 204 };
};

/** `GET …/dedicated/assignments`. There are a thousand at most: they are filtered and sorted here. */
const list: Handler = async ({ caller, query }, { gateway }) => {
  const pageSize = readPageSize(query, numbersOfAPage);
  const isWanted = readFilters(query);
  const order = readOrder(query);
  const token = readUuid<Assignment['sender']['id']>(query, 'token');
  const held = await gateway.numbers.assignments(caller.view.account);
  const all = held.toSorted((one, other) => order.compare(one, other));
  const rest = token === undefined ? all : after(all, token, order);
  const body = pageOf(rest.filter(isWanted), pageSize, {
    item: (assignment) => ({
      assignment: presentAssignment(assignment),
      number: presentNumber(assignment.number),
    }),
    token: ({ sender }) => sender.id,
  });
  return { status: 200, body, contentType: numbersContentType };
};

const path = '/v1/messaging/numbers/dedicated/:numberId/assignment';

export const assignmentEndpoints: readonly Endpoint[] = [
  {
    path: '/v1/messaging/numbers/dedicated/assignments',
    family: 'messages',
    methods: { GET: list },
  },
  { path, family: 'messages', methods: { GET: show, POST: create, PATCH: change, DELETE: remove } },
];

function idOf({ params }: Call): NumberId {
  return params['numberId'] as NumberId;
}

/** In the order of the documented sample. */
function presentAssignment({ sender, number }: Assignment) {
  return {
    metadata: sender.metadata ?? {},
    label: sender.label ?? undefined,
    id: sender.id,
    number_id: number.id,
  };
}

function readFilters(query: Query): (assignment: Assignment) => boolean {
  const numberId = readUuid<NumberId>(query, 'number_id');
  const digits = readDigits(query, 'matching');
  const country = readCountry(query);
  // Where both are given, `type` is ignored.
  const types = readWords(query, 'types', typeWords) ?? readWords(query, 'type', typeWords);
  const classification = readWord(query, 'classification', classificationWords);
  const media = readWords(query, 'service_types', formatOf) ?? [];
  const label = valueOf(query, 'label')?.toLowerCase();
  return ({ number, sender }) =>
    (numberId === undefined || number.id === numberId) &&
    (digits === undefined || number.number.includes(digits)) &&
    (country === undefined || number.country === country) &&
    (types === undefined || types.includes(number.type)) &&
    (classification === undefined || number.classification === classification) &&
    media.every((medium) => number.capabilities.includes(medium)) &&
    (label === undefined || (sender.label ?? '').toLowerCase().includes(label));
}

type SortKey = 'time' | 'number' | 'country';

/** The vendor's words are those of its message reports. What an assignment has not leaves it in the order of time. */
const sortKeys: Readonly<Record<string, SortKey>> = {
  ACCOUNT: 'time',
  ACTION: 'time',
  DESTINATION_ADDRESS: 'number',
  DESTINATION_ADDRESS_COUNTRY: 'country',
  FORMAT: 'time',
  SOURCE_ADDRESS: 'number',
  SOURCE_ADDRESS_COUNTRY: 'country',
  TIMESTAMP: 'time',
};

const directions: Words<'up' | 'down'> = { up: 'ASCENDING', down: 'DESCENDING' };

interface Order {
  key: SortKey;
  sign: 1 | -1;
  compare(one: Assignment, other: Assignment): number;
}

function readOrder(query: Query): Order {
  const written = valueOf(query, 'sort_by');
  const key = written === undefined ? 'time' : sortKeys[written.toUpperCase()];
  if (key === undefined) throw refused('sort_by', written);
  const sign = readWord(query, 'sort_direction', directions) === 'down' ? -1 : 1;
  return {
    key,
    sign,
    compare: (one, other) =>
      sign *
      (compareTexts(keyOf(one, key), keyOf(other, key)) ||
        compareTexts(one.sender.id, other.sender.id)),
  };
}

/** Ids follow the time at which a number was taken. */
function keyOf({ number, sender }: Assignment, key: SortKey): string {
  switch (key) {
    case 'time':
      return sender.id;
    case 'number':
      return number.number;
    case 'country':
      return number.country;
  }
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Those that follow the last of a page. In the order of time also when the account has given that one up since. */
function after(
  all: readonly Assignment[],
  token: Assignment['sender']['id'],
  { key, sign }: Order,
): readonly Assignment[] {
  const at = all.findIndex(({ sender }) => sender.id === token);
  if (at >= 0) return all.slice(at + 1);
  if (key !== 'time') throw refused('token', token);
  return all.filter(({ sender }) => sign * compareTexts(sender.id, token) > 0);
}
