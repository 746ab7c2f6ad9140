import type { NotificationRequest } from '../../core/ports/notifier.ts';
import { fillIn, placesOf } from '../../text/template.ts';
import type { Json } from './composed-body.ts';
import { fieldsOf, withTexts } from './composed-body.ts';
import type { WebhookSettings } from './webhook-settings.ts';

/*
 * Webhooks of a client's own composition (reference C.7): `{{id}}`, `{{status}}` and their like in URL, headers and body.
 */

/** What may stand in a composition: of a status, and of what a handset wrote. */
const variableNames = [
  'id',
  'mobile',
  'status',
  'credits',
  'units',
  'deliv_at',
  'sent_at',
  'submit_at',
  'deliv_time',
  'sent_time',
  'submit_time',
  'cid',
  'custom',
  'receiver',
  'message',
  'received_at',
  'type',
  'value',
  'created_at',
] as const;

const known: ReadonlySet<string> = new Set(variableNames);

/** The first place of a text that nothing can be put into. */
export function unknownPlace(text: string): string | undefined {
  return placesOf(text).find((name) => !known.has(name));
}

/** What is told: the documented body. */
export type Payload = Record<string, string | number | null>;

/** Where a URL goes, and the rest of it, in which places may be. */
export function splitUrl(url: string): { origin: string; rest: string } {
  const origin = /^https?:\/\/[^/?#]*/i.exec(url)?.[0] ?? url;
  return { origin, rest: url.slice(origin.length) };
}

/** The request that tells a payload at a webhook. Places that it has nothing for are empty. */
export function compose(
  url: string,
  {
    method,
    encoding,
    headers,
    payload: own,
  }: Pick<WebhookSettings, 'method' | 'encoding' | 'headers' | 'payload'>,
  payload: Payload,
): NotificationRequest {
  const data = dataOf(payload);
  const fill = (text: string): string => filled(text, data);
  const { origin, rest } = splitUrl(url);
  const encoded = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, encodeURIComponent(value)]),
  );
  const to = origin + filled(rest, encoded);
  const composed = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, headerText(fill(value))]),
  );
  if (method === 'GET') return { method, url: to, headers: composed, body: '' };
  const said: Json = own === null ? payload : withTexts(own, fill);
  const body =
    encoding === 'json' ? JSON.stringify(said) : new URLSearchParams(fieldsOf(said)).toString();
  const contentType =
    encoding === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  return { method, url: to, headers: { ...composed, 'Content-Type': contentType }, body };
}

function filled(text: string, data: Readonly<Record<string, string>>): string {
  const result = fillIn(text, { ...empty, ...data });
  // What cannot be filled was refused when the webhook was made.
  return 'text' in result ? result.text : text;
}

const empty = Object.fromEntries(variableNames.map((name) => [name, '']));

function dataOf(payload: Payload): Record<string, string> {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      value === null ? '' : String(value).toWellFormed(),
    ]),
  );
}

/** RFC 9110 section 5.5: what a handset wrote must not end the header. */
function headerText(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ' ').trim();
}
