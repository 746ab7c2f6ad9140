import { z } from 'zod';
import type { Fault } from '../../core/errors.ts';
import { GatewayError } from '../../core/errors.ts';
import { parseInstant } from '../../text/instant.ts';
import { parseJson } from '../shared/json.ts';
import { isCallbackUrl } from './callback-url.ts';

/**
 * Reads a request's body, which is an object always; keys that the schema does not name are passed over.
 * @throws GatewayError `invalid_json` for what is no object; `invalid_request` with a fault for each thing that
 * the schema finds, its place as a JSON pointer (reference §3).
 */
export function readBody<T>(schema: z.ZodType<T>, body: Buffer | undefined): T {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayError('invalid_json', 'The body is not a JSON object.');
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw refusedFor(read.error.issues.map(({ path, message }) => fault(path, message)));
}

/** @param faults at least one. */
export function refusedFor(faults: readonly Fault[]): GatewayError {
  const { field, detail } = faults[0] as Fault;
  return new GatewayError('invalid_request', detail, { field, faults });
}

export function fault(path: readonly PropertyKey[], detail: string): Fault {
  return { field: path.map((step) => `/${pointerStep(String(step))}`).join(''), detail };
}

/** RFC 6901; the vendor names one field otherwise than in requests (reference §3). */
function pointerStep(step: string): string {
  if (step === 'callback_url') return 'callbackUrl';
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * Texts and truth values are read as the vendor reads them: from any scalar that says it. Users have shown
 * `"delivery_report":"true"` in a request and `true` in its answer.
 */
export function text(name: string) {
  return z.union([z.string(), z.number().transform(String), z.boolean().transform(String)], {
    error: ({ input }) => (isNothing(input) ? `${name} cannot be null` : `${name} must be a text`),
  });
}

const truth = z.union(
  [
    z.boolean(),
    z
      .string()
      .regex(/^(?:true|false)$/i)
      .transform((word) => word.toLowerCase() === 'true'),
  ],
  { error: 'Delivery report must be true or false' },
);

/** The vendor's sentences for `events`, `cipher` and `key_id` (reference §3, §8), for all fields of their kinds. */
export function oneOf<const Values extends readonly [string, ...string[]]>(
  name: string,
  values: Values,
) {
  return z.enum(values, {
    error: ({ input }) => (isNothing(input) ? `${name} cannot be null` : invalid(input)),
  });
}

/** With what was sent, short enough to be shown back. */
export function invalid(input: unknown): string {
  const shown = typeof input === 'string' ? input.slice(0, 40).toWellFormed() : typeof input;
  return `[${shown}] is invalid`;
}

export const isNothing = (input: unknown): boolean => input === undefined || input === null;

/**
 * A list, whose length is asked before anything in it is looked at: each bad entry is a fault of its own, and a body
 * has room for millions.
 * @param said `none` of what is no list, `count` of one that is too short or too long.
 */
export function listOf<Item extends z.ZodType>(
  item: Item,
  { least = 1, most }: { least?: number; most: number },
  said: { none: string | ((issue: { input?: unknown }) => string); count: string },
) {
  return z
    .array(z.unknown(), { error: said.none })
    .refine(({ length }) => isBetween(length, least, most), { error: said.count })
    .pipe(z.array(item));
}

/** Takes a date and time of ISO 8601, to any fraction of a second; without an offset it is UTC (reference §11). */
const dateTime = z.string({ error: 'Date time must be a text' }).transform((written, context) => {
  const instant = parseInstant(written.trim().replace(/(\.\d{9})\d+/, '$1'));
  if (instant !== undefined) return instant;
  context.addIssue({ code: 'custom', message: 'Date time must be in the format of ISO 8601' });
  return z.NEVER;
});

/** Counts what the vendor documents as characters, which are not the units of a JavaScript text. */
function isLonger(written: string, most: number): boolean {
  if (written.length <= most) return false;
  let count = written.length;
  for (let at = 0; at < written.length; at++) {
    const unit = written.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00) count -= 1;
  }
  return count > most;
}

const isBetween = (count: number, least: number, most: number): boolean =>
  count >= least && count <= most;

export const longestContent = 5000;
const mostMessages = 100;
const mostPairs = 10;
const longestKey = 100;
const longestValue = 256;
const longestSubject = 64;
/** Of one message; no figure is documented. */
const mostMedia = 20;
/** An address has at most 15 digits and a plus sign, or 11 letters. */
const longestSource = 16;

/**
 * `metadata`: at most 10 pairs, keys of at most 100 characters, values of at most 256. The empty list is the
 * empty object as PHP writes it.
 */
export const metadata = z
  .unknown()
  .transform((given, context): Record<string, string> | undefined => {
    if (given === undefined || given === null) return undefined;
    if (Array.isArray(given) && given.length === 0) return {};
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (typeof given !== 'object' || Array.isArray(given))
      return refuse('Metadata must be an object');
    const pairs = Object.entries(given).filter(([, value]) => value !== null);
    if (pairs.length > mostPairs) return refuse(`Metadata must have at most ${mostPairs} pairs`);
    for (const [key, value] of pairs) {
      if (!['string', 'number', 'boolean'].includes(typeof value) || value === Infinity) {
        return refuse('Metadata values must be texts');
      }
      if (isLonger(key, longestKey)) {
        return refuse(`Metadata keys must have at most ${longestKey} characters`);
      }
      if (isLonger(String(value), longestValue)) {
        return refuse(`Metadata values must have at most ${longestValue} characters`);
      }
    }
    return Object.fromEntries(pairs.map(([key, value]) => [key, String(value)]));
  });

const mediaUrl = z
  .string({ error: 'Invalid media url' })
  .refine(isCallbackUrl, { error: 'Invalid media url' });

const fields = {
  content: text('Content')
    .refine((written) => written.length > 0 && !isLonger(written, longestContent), {
      error: `Content must be between 1 and ${longestContent} characters`,
    })
    .refine((written) => written.isWellFormed() && !written.includes('\0'), {
      error: 'Content contains invalid characters',
    }),
  // Both sentences are the vendor's (reference §3), the full stop too.
  destination_number: text('Destination number')
    .refine((written) => isBetween(written.replace(/^\+/, '').length, 8, 15), {
      error: "International address must be between 8 and 15 characters excluding the first '+'",
    })
    .refine((written) => /^\+?\d+$/.test(written), {
      error: 'International address contains invalid characters.',
    }),
  callback_url: z
    .string({ error: 'Invalid callback url' })
    .refine(isCallbackUrl, { error: 'Invalid callback url' })
    .nullish(),
  delivery_report: truth.nullish(),
  format: oneOf('Format', ['SMS', 'MMS', 'TTS']).nullish(),
  message_expiry_timestamp: dateTime.nullish(),
  scheduled: dateTime.nullish(),
  metadata: metadata.optional(),
  source_number: text('Source number')
    .refine((written) => written.length <= longestSource, {
      error: `Source number must have at most ${longestSource} characters`,
    })
    .nullish(),
  source_number_type: oneOf('Source number type', [
    'INTERNATIONAL',
    'ALPHANUMERIC',
    'SHORTCODE',
  ]).nullish(),
  media: listOf(
    mediaUrl,
    { least: 0, most: mostMedia },
    { none: 'Media must be a list of urls', count: `Media must be at most ${mostMedia}` },
  ).nullish(),
  subject: text('Subject')
    .refine((written) => !isLonger(written, longestSubject), {
      error: `Subject must have at most ${longestSubject} characters`,
    })
    .nullish(),
};

const message = z.object(fields, { error: 'Message must be an object' });

/** How many there are is asked before each is looked at. */
const batch = z.object({
  messages: listOf(
    message,
    { most: mostMessages },
    {
      none: 'Messages cannot be null',
      count: `Messages must be between 1 and ${mostMessages}`,
    },
  ),
  properties: z.unknown().optional(),
});

export type WireBatch = z.infer<typeof batch>;
export type WireMessage = WireBatch['messages'][number];

/** `POST /v1/messages`. @throws GatewayError as `readBody`. */
export function readBatch(body: Buffer | undefined): WireBatch {
  return readBody(batch, body);
}

/** `PUT /v1/messages/{messageId}`; some clients shout (reference §1.3). */
export const cancellation = z.object({
  status: text('Status').refine((written) => written.toLowerCase() === 'cancelled', {
    error: ({ input }) => invalid(input),
  }),
});

const mostConfirmed = 100;

/** UUIDs, of whatever. */
const confirmed = listOf(
  z.guid({ error: ({ input }) => invalid(input) }),
  { least: 0, most: mostConfirmed },
  { none: 'Ids cannot be null', count: `Ids must be at most ${mostConfirmed}` },
);

/** `POST /v1/replies/confirmed` */
export const confirmedReplies = z.object({ reply_ids: confirmed });

/** `POST /v1/delivery_reports/confirmed` */
export const confirmedReports = z.object({ delivery_report_ids: confirmed });
