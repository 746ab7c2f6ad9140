import { z } from 'zod';
import { requireStart } from '../../core/campaigns/definition.ts';
import { hasEnded } from '../../core/campaigns/state.ts';
import { GatewayError } from '../../core/errors.ts';
import type { DialectContext } from '../dialect.ts';
import type { Answer, Call, Endpoint, Handler } from './call.ts';
import { done } from './envelope.ts';
import { storedExtras } from './extras.ts';
import { noService } from './finance.ts';
import { requireLinks } from './optout-links.ts';
import { longestText } from './outgoing.ts';
import { productsOf } from './products.ts';
import { flag, invalid, list, missing, optional, read, required } from './schema.ts';
import { readTime } from './times.ts';
import type { Uploaded } from './uploads.ts';
import { uploadLimit, withUpload } from './uploads.ts';
import { isWebhook } from './webhook-settings.ts';

const mostTags = 3;

/** What stands beside the file, in the form before it or in the query. */
const bulkFields = z.object({
  name: optional(200),
  /** The column with the numbers: its name, or its place from 1. */
  column: optional(200),
  sender: required(32),
  service: required(32),
  message: required(longestText),
  time: optional(40),
  webhook_id: optional(),
  custom: optional(),
  tags: list(mostTags, 100),
  shorten: flag,
});

/**
 * `sms/bulk`: a text to the rows of a file, CSV or XLSX, as a campaign. It is answered when every row is on disk; what is
 * wrong with one of them stands in the campaign's error file.
 */
const bulk: Handler = (call, context) =>
  withUpload(call, context, (uploaded) => begin(call, context, uploaded));

async function begin(call: Call, context: DialectContext, uploaded: Uploaded): Promise<Answer> {
  try {
    return await makeCampaign(call, context, uploaded);
  } catch (error) {
    throw inOurFields(error);
  }
}

async function makeCampaign(
  call: Call,
  context: DialectContext,
  { fields, file, signal }: Uploaded,
): Promise<Answer> {
  const { caller } = call;
  const { campaigns } = context.gateway;
  const wanted = read(bulkFields, { ...call.input, ...Object.fromEntries(fields) });
  if (!file) throw missing('file');
  const product = productsOf(caller.view).get(wanted.service);
  if (!product) throw noService();
  requireLinks(wanted.message, 'message');
  requireWebhook(call, wanted.webhook_id);
  const at = timeOf(call, context, wanted.time);
  requireStart({ at }, campaigns.limits, context.clock.now());
  const { name = 'sms/bulk', sender, message, column, tags, shorten, custom } = wanted;
  const { id } = await campaigns.create(caller, {
    name,
    sender,
    text: message,
    product: product.code,
    medium: product.medium,
    tags,
    shorten,
    // What is wrong with a row makes it fail as a delivery does, as with messages that are sent by themselves.
    keepsRefused: true,
    // A place is said of a file whose columns have no names; a row of names is no number then, and not sent.
    header: column === undefined || !/^\d+$/.test(column),
    column,
    extras: storedExtras({
      service: product.code,
      ...(custom !== undefined && { custom }),
      ...(wanted.webhook_id !== undefined && { webhookId: wanted.webhook_id }),
    }),
  });
  try {
    const { stored } = await campaigns.import(caller, id, file, { signal });
    await campaigns.start(caller, id, { at });
    return done(`${stored} numbers accepted for delivery.`, []);
  } catch (error) {
    // The file broke off, or its time has come too near while it came in: nothing of what is refused stays.
    const { state } = await campaigns.find(caller, id);
    if (!hasEnded(state)) await campaigns.abort(caller, id);
    throw error;
  }
}

/** What a campaign's fields are called here. */
const ourFields: Readonly<Record<string, string>> = {
  at: 'time',
  text: 'message',
  product: 'service',
};

function inOurFields(error: unknown): unknown {
  if (!(error instanceof GatewayError)) return error;
  const field = ourFields[error.field ?? ''];
  return field === undefined
    ? error
    : new GatewayError(error.code, error.detail, { field, cause: error });
}

export const bulkEndpoints: readonly Endpoint[] = [
  { path: '/sms/bulk', methods: { POST: bulk }, upload: true, bodyLimit: uploadLimit },
];

function requireWebhook({ caller: { view } }: Call, id: string | undefined): void {
  if (id === undefined || view.endpoints.some((one) => isWebhook(one) && one.id === id)) return;
  throw invalid('webhook_id', 'The selected webhook id is invalid.');
}

function timeOf({ settings }: Call, { clock }: DialectContext, text: string | undefined) {
  if (text === undefined) return null;
  const at = readTime(text, settings.timeZone);
  if (at === undefined) throw invalid('time', 'The time does not match the format Y-m-d H:i:s.');
  // A time that has passed means now, as with single messages.
  return at > clock.now() ? at : null;
}
