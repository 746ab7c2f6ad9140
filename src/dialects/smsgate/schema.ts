import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { parseInstant } from '../../text/instant.ts';
import { parseJson } from '../shared/json.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';

/** Of a field that may be left out: many clients' languages write nothing as null. */
const given = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null);

/** RFC 3339. */
const instant = z.string().transform((text, context): number => {
  const at = parseInstant(text.trim());
  if (at !== undefined) return at;
  const message = 'must be an instant such as 2026-03-09T09:00:00Z';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** What can be kept and given back as it is: no engine keeps half a surrogate pair, PostgreSQL no U+0000. */
const plainText = z.string().refine((text) => text.isWellFormed() && !text.includes('\0'), {
  error: 'must be text without U+0000 and without half characters',
});

export const longestText = 65_535;
const text = z.string().min(1).max(longestText);

/** `POST /messages` (reference §11); keys that it does not name are passed over. */
export const outgoingMessage = z.object({
  id: given(plainText.max(36)),
  deviceId: given(z.string().max(21)),
  message: given(text.or(z.literal(''))),
  textMessage: given(z.object({ text })),
  dataMessage: z.unknown().optional(),
  mmsMessage: z.unknown().optional(),
  phoneNumbers: z.array(z.string().min(1).max(512)).min(1).max(100),
  simNumber: given(z.int().min(1).max(3)),
  withDeliveryReport: given(z.boolean()),
  isEncrypted: given(z.boolean()),
  ttl: given(z.int().min(5).max(1e9)),
  validUntil: given(instant),
  scheduleAt: given(instant),
  priority: given(z.int().min(-128).max(127)),
});
export type WireMessage = z.infer<typeof outgoingMessage>;

/** `POST /webhooks`. */
export const webhook = z.object({
  id: given(plainText.max(36)),
  deviceId: given(z.string().max(21)),
  url: z.string().max(2048),
  event: z.string().max(64),
});

/** `POST /auth/token`. */
export const tokenRequest = z.object({
  /** Seconds. */
  ttl: given(z.int().min(0)),
  scopes: z
    .array(
      z
        .string()
        .regex(/^[a-z]+:[a-z]+$/)
        .max(40),
    )
    .min(1)
    .max(50),
});

/** `POST /inbox/refresh`. */
export const inboxRefresh = z.object({
  deviceId: given(z.string().max(21)),
  since: instant,
  until: instant,
});

/**
 * Reads a request's body, which is an object always.
 * @throws GatewayError `invalid_json`; ZodError.
 */
export function readBody<T>(schema: z.ZodType<T>, body: Buffer | undefined): T {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayError('invalid_json', 'The body must be a JSON object.');
  }
  return schema.parse(value);
}

/** A parameter of the query; what is empty is not there. */
export function valueOf(query: Query, name: string): string | undefined {
  const value = parameter(query, name)?.trim();
  return value === '' ? undefined : value;
}

/** Truth as the reference server reads it (Go's ParseBool). */
export function readTruth(query: Query, name: string): boolean {
  const value = valueOf(query, name);
  if (value === undefined || /^(?:0|f|false)$/i.test(value)) return false;
  if (/^(?:1|t|true)$/i.test(value)) return true;
  throw invalid(name, 'true or false');
}

export function readWhole(
  query: Query,
  name: string,
  { least, most }: { least: number; most: number },
): number | undefined {
  const value = valueOf(query, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw invalid(name, `a whole number from ${least} to ${most}`);
}

export function readInstant(query: Query, name: string): number | undefined {
  // In a query a plus sign is a blank; so the one of an offset arrives.
  const value = valueOf(query, name)?.replace(/ (?=\d\d:?\d\d$)/, '+');
  const at = value === undefined ? undefined : parseInstant(value);
  if (value !== undefined && at === undefined) {
    throw invalid(name, 'an instant such as 2026-03-09T09:00:00Z');
  }
  return at;
}

export function readOneOf<const Values extends readonly string[]>(
  query: Query,
  name: string,
  values: Values,
): Values[number] | undefined {
  const value = valueOf(query, name);
  const found = values.find((one) => one === value);
  if (value !== undefined && found === undefined)
    throw invalid(name, `one of ${values.join(', ')}`);
  return found;
}

export function invalid(field: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `${field} must be ${expected}.`, { field });
}
