import { z } from 'zod';
import { isCallbackUrl } from './callback-url.ts';
import { invalid, isNothing, listOf, oneOf } from './schema.ts';
import { limits, TemplateError } from './velocity/limits.ts';
import { parseTemplate } from './velocity/parse.ts';
import { splitUrl } from './webhook-url.ts';
import { encodings, methods, webhookEvents } from './webhook-settings.ts';

const longestUrl = 1000;
const mostHeaders = 50;
const longestHeaderName = 200;
const longestHeaderValue = 1000;

function whole(name: string, least: number, most: number) {
  return z
    .int({ error: `${name} must be between ${least} and ${most}` })
    .refine((number) => number >= least && number <= most, {
      error: `${name} must be between ${least} and ${most}`,
    });
}

/** A template that cannot be read is refused here: rendered, it would only ever fail. */
function refuseBadTemplate(text: string, context: z.core.$RefinementCtx): void {
  try {
    parseTemplate(text);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}

const notAUrl = 'Not a valid http url';

const url = z
  .string({ error: ({ input }) => (isNothing(input) ? 'Url cannot be null' : notAUrl) })
  .refine((text) => text.length <= longestUrl, {
    error: `Url must have at most ${longestUrl} characters`,
    abort: true,
  })
  .refine((text) => isCallbackUrl(text), { error: notAUrl, abort: true })
  .superRefine((text, context) => refuseBadTemplate(splitUrl(text).rest, context));

const template = z
  .string({ error: 'Template must be a text' })
  .refine((text) => text.length <= limits.length, {
    error: `Template must have at most ${limits.length} characters`,
    abort: true,
  })
  .refine((text) => text.isWellFormed() && !text.includes('\0'), {
    error: 'Template contains invalid characters',
    abort: true,
  })
  .superRefine(refuseBadTemplate);

/** Each may be there several times. */
const mostEvents = 100;

const events = listOf(
  z.enum(webhookEvents, { error: ({ input }) => invalid(input) }),
  { most: mostEvents },
  {
    none: ({ input }) => (isNothing(input) ? 'Events cannot be null' : 'Events must be a list'),
    count: `Events must be between 1 and ${mostEvents}`,
  },
).transform((all) => [...new Set(all)]);

/** RFC 9110 section 5.6.2. */
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 section 5.5. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What says where a request goes and how it is framed, and what is ours to say: encoding and signature. */
const reserved =
  /^(?:connection|content-length|content-type|date|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|x-messagemedia-.*)$/i;

/** What is wrong with the headers; undefined when nothing is. */
function judgeHeaders(headers: readonly (readonly [string, unknown])[]): string | undefined {
  if (headers.length > mostHeaders) return `Headers must be at most ${mostHeaders}`;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  if (names.size < headers.length) return 'Headers must not contain a name twice';
  for (const [name, value] of headers) {
    if (name.length > longestHeaderName) {
      return `Header names must have at most ${longestHeaderName} characters`;
    }
    if (!headerName.test(name)) return `${invalid(name)} as the name of a header`;
    if (reserved.test(name)) return `Headers must not contain ${name}`;
    if (typeof value !== 'string') return `The value of ${name} must be a text`;
    if (value.length > longestHeaderValue) {
      return `The value of ${name} must have at most ${longestHeaderValue} characters`;
    }
    if (!headerValue.test(value)) return `The value of ${name} contains invalid characters`;
  }
  return undefined;
}

/** The empty list is the empty object as PHP writes it. */
const headers = z.unknown().transform((given, context): Record<string, string> | undefined => {
  if (isNothing(given)) return undefined;
  if (Array.isArray(given) && given.length === 0) return {};
  const isObject = typeof given === 'object' && !Array.isArray(given);
  const all: [string, unknown][] = isObject ? Object.entries(given as object) : [];
  const entries = all.filter(([, one]) => one !== null);
  const complaint = isObject ? judgeHeaders(entries) : 'Headers must be an object';
  if (complaint === undefined) return Object.fromEntries(entries) as Record<string, string>;
  context.addIssue({ code: 'custom', message: complaint });
  return z.NEVER;
});

const method = oneOf('Method', methods);
const encoding = oneOf('Encoding', encodings);

/** `POST /v1/webhooks/messages` (reference §7.1). */
export const newWebhook = z.object({
  url,
  method,
  encoding,
  headers: headers.optional(),
  events,
  template: template.nullish(),
  read_timeout: whole('Read timeout', 1, 60_000).nullish(),
  retries: whole('Retries', 0, 5).nullish(),
  retry_delay: whole('Retry delay', 5, 60).nullish(),
});

/** `PATCH /v1/webhooks/messages/{webhookId}`: of what is not named here nothing changes (reference §7.4). */
export const webhookChange = z.object({
  url: url.nullish(),
  method: method.nullish(),
  encoding: encoding.nullish(),
  headers: headers.optional(),
  events: events.nullish(),
  template: template.nullish(),
});
