import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { fromCredits, inCredits } from '../../core/money.ts';
import type { Endpoint, Handler } from './call.ts';
import { done } from './envelope.ts';
import { productsOf } from './products.ts';
import { amount, invalid, optional, read, required } from './schema.ts';

/**
 * `GET finance/balance`: of each product that is offered apart, and the account's own, which pays for all others, under
 * the first of those.
 */
const balance: Handler = async ({ caller }, { gateway }) => {
  const { view } = caller;
  const offered = await gateway.products(caller);
  const words = productsOf(view);
  const rows = offered.map(({ product, balance: credits }) => ({
    service: product.code,
    name: words.get(product.code)?.name ?? product.name,
    postpaid: 0,
    credits: inCredits(credits),
    charges: inCredits(product.pricePerPart),
  }));
  const own = await gateway.balance(caller);
  const usual = [...words.values()].find(({ code }) => !view.products.has(code));
  if (usual) {
    rows.push({
      service: usual.code,
      name: usual.name,
      postpaid: 0,
      credits: own === undefined ? 0 : inCredits(own),
      charges: inCredits(view.account.pricePerPart),
    });
  }
  return done('OK', rows);
};

const gift = z.object({
  username: required(63),
  service: required(32),
  credits: amount(0, 1_000_000_000),
  notes: optional(200),
  order_id: optional(100),
});

/**
 * `POST finance/credits`, or `finance/balance` as the page has it: from the caller's purse to his customer's. Who asks for
 * an order again has not heard the answer, and gives nothing.
 */
const give: Handler = async (call, { gateway }) => {
  const { caller } = call;
  const { username, service, credits, notes, order_id: orderRef } = read(gift, call.input);
  if (!productsOf(caller.view).has(service)) throw noService();
  if (credits <= 0) throw invalid('credits', 'The credits must be greater than 0.');
  const moved = fromCredits(credits);
  // Nobody moves more, or less, than he wrote.
  if (inCredits(moved) !== credits) {
    throw invalid('credits', 'The credits must not have more than 3 decimals.');
  }
  const note = [notes, orderRef && `order ${orderRef}`].filter(Boolean).join(', ');
  try {
    await gateway.giveCredits(caller, {
      subAccount: username,
      product: caller.view.products.has(service) ? service : null,
      amount: moved,
      note: note === '' ? null : note,
      orderRef,
    });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.code === 'already_exists') {
      throw invalid('order_id', 'The order id has already been taken.');
    }
    if (error.code !== 'not_found') throw error;
    const customer = await gateway.owner.findAccount(username);
    throw customer?.parentId === caller.view.account.id
      ? invalid('service', 'The username is not offered the selected service.')
      : invalid('username', 'The selected username is invalid.');
  }
  return { body: { status: 'OK', message: 'Funds updated successfully..' } };
};

/** In the vendor's words. */
export function noService(): GatewayError {
  return new GatewayError('invalid_request', 'Invalid Service Id.');
}

export const financeEndpoints: readonly Endpoint[] = [
  { path: '/finance/balance', methods: { GET: balance, POST: give } },
  { path: '/account/balance', methods: { GET: balance } },
  { path: '/finance/credits', methods: { POST: give } },
];
