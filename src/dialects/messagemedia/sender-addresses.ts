import { z } from 'zod';
import type { Account } from '../../core/accounts/account.ts';
import type { SenderId } from '../../core/ids.ts';
import type { Sender } from '../../core/senders/sender.ts';
import type { DialectContext } from '../dialect.ts';
import type { Query } from '../shared/query.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { pageOf, readPageSize, readTruth, readWord, refused, valueOf } from './filters.ts';
import { longestLabel, note } from './note.ts';
import { address } from './present.ts';
import { fault, readBody, refusedFor } from './schema.ts';
import { notFound, sendCode } from './sender-requests.ts';
import type { Expiry } from './sender-words.ts';
import {
  addressTypeOf,
  addressTypeWords,
  expiryOf,
  expiryWords,
  presentRequest,
  presentSender,
  usageOf,
  usageWords,
} from './sender-words.ts';

/** The most is ours. */
const addressesOfAPage = { usual: 20, most: 100 };

const relabelling = z.object({ label: note('Label', longestLabel) });

/** An address, and whose it is. */
interface Held {
  sender: Sender;
  account: Account;
}

/** `GET …/sender_address/addresses`: what the account may show, and its sub-accounts where that is asked. */
const list: Handler = async ({ caller, query }, { gateway, clock }) => {
  const now = clock.now();
  const pageSize = readPageSize(query, addressesOfAPage);
  const isWanted = readFilters(query, now);
  const after = readToken(query);
  const { account } = caller.view;
  const accounts = readTruth(query, 'include_related_accounts')
    ? [account, ...(await gateway.subAccounts(caller))]
    : [account];
  const held = await Promise.all(
    accounts.map(async (one): Promise<Held[]> => {
      const senders = await gateway.senders.list(one.id);
      return senders.map((sender) => ({ sender, account: one }));
    }),
  );
  const rest = held
    .flat()
    .filter(({ sender }) => sender.id > after && isWanted(sender))
    .toSorted((one, other) => (one.sender.id < other.sender.id ? -1 : 1));
  const body = pageOf(rest, pageSize, {
    item: (one) => presentSender(one.sender, one.account.name, now),
    token: ({ sender }) => Buffer.from(sender.id).toString('base64url'),
  });
  return { status: 200, body };
};

/** `GET …/sender_address/addresses/{id}` */
const show: Handler = async (call, context) => present(call, context, await find(call, context));

/** `PATCH …/sender_address/addresses/{id}` */
const relabel: Handler = async (call, context) => {
  const changes = readBody(relabelling, call.body);
  const { account } = call.caller.view;
  const changed = await context.gateway.senders.change(account.id, idOf(call), changes);
  if (!changed) throw notFound();
  return present(call, context, changed);
};

/** `DELETE …/sender_address/addresses/{id}?reason=…`: the reason must be there, and nothing is done with it. */
const remove: Handler = async (call, { gateway }) => {
  if (valueOf(call.query, 'reason') === undefined) {
    throw refusedFor([fault(['reason'], 'Reason cannot be null')]);
  }
  const { account } = call.caller.view;
  if (!(await gateway.senders.remove(account.id, { id: idOf(call) }))) throw notFound();
  return { status: 202 };
};

/** `POST …/sender_address/addresses/{id}/reverify`: another code, for another year. */
const reverify: Handler = async (call, context) => {
  const { kind, countries, reason, ...sender } = await find(call, context);
  if (kind !== 'own') {
    throw refusedFor([fault(['id'], 'Only own numbers can be verified again')]);
  }
  const wish = { address: sender.address, countries, reason, label: sender.label };
  const request = await sendCode(call, context, wish, { renews: true });
  return { status: 200, body: presentRequest(request, call.caller.view.account.name) };
};

const path = '/v1/messaging/numbers/sender_address/addresses';

export const senderAddressEndpoints: readonly Endpoint[] = [
  { path, family: 'messages', methods: { GET: list } },
  {
    path: `${path}/:id`,
    family: 'messages',
    methods: { GET: show, PATCH: relabel, DELETE: remove },
  },
  { path: `${path}/:id/reverify`, family: 'messages', methods: { POST: reverify } },
];

function idOf({ params }: Call): SenderId {
  return params['id'] as SenderId;
}

async function find(call: Call, { gateway }: DialectContext): Promise<Sender> {
  const sender = await gateway.senders.find(call.caller.view.account.id, idOf(call));
  if (!sender) throw notFound();
  return sender;
}

function present({ caller }: Call, { clock }: DialectContext, sender: Sender) {
  return { status: 200, body: presentSender(sender, caller.view.account.name, clock.now()) };
}

function readFilters(query: Query, now: number): (sender: Sender) => boolean {
  const part = valueOf(query, 'sender_address')?.toLowerCase();
  const type = readWord(query, 'sender_address_type', addressTypeWords);
  const usage = readWord(query, 'usage_type', usageWords);
  const expiry = readExpiry(query, type !== undefined && usage !== undefined);
  return (sender) =>
    (part === undefined || address(sender.address).toLowerCase().includes(part)) &&
    (type === undefined || addressTypeOf(sender.address) === type) &&
    (usage === undefined || usageOf(sender) === usage) &&
    (expiry === undefined || expiryOf(sender, now) === expiry);
}

function readExpiry(query: Query, isAllowed: boolean): Expiry | undefined {
  const expiry = readWord(query, 'expiry_status', expiryWords);
  if (expiry === undefined || (isAllowed && expiry !== 'approved')) return expiry;
  if (isAllowed) throw refused('expiry_status', expiryWords.approved);
  const sentence = 'Expiry status needs sender_address_type and usage_type';
  throw refusedFor([fault(['expiry_status'], sentence)]);
}

/** Ids follow the time at which an address was granted. */
function readToken(query: Query): string {
  const token = valueOf(query, 'token');
  if (token === undefined) return '';
  const id = Buffer.from(token, 'base64url').toString();
  if (!/^[0-9a-f-]{36}$/.test(id)) throw refused('token', token);
  return id;
}
