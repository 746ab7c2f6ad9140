import { xml } from './velocity/escape.ts';
import type { Value } from './velocity/values.ts';
import type { WebhookEvent, WebhookSettings } from './webhook-settings.ts';

type Encoding = WebhookSettings['encoding'];

export const contentTypes: Record<Encoding, string> = {
  JSON: 'application/json',
  FORM_ENCODED: 'application/x-www-form-urlencoded',
  XML: 'application/xml',
};

/**
 * The body where a webhook has no template. The vendor does not say what it is; this has the fields of its sample
 * templates (reference §7.7), without those that there is nothing for.
 */
export function defaultBody(
  event: WebhookEvent,
  encoding: Encoding,
  variables: ReadonlyMap<string, Value>,
): string {
  const payload = payloadOf(event, variables);
  switch (encoding) {
    case 'JSON':
      return JSON.stringify(payload);
    case 'FORM_ENCODED':
      return formOf(payload);
    case 'XML':
      return documentOf(rootOf(event), payload);
  }
}

type Payload = Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;

function payloadOf(event: WebhookEvent, variables: ReadonlyMap<string, Value>): Payload {
  const text = (name: string): string | undefined => {
    const value = variables.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const metadata = Object.fromEntries(variables.get('metadata') as ReadonlyMap<string, string>);
  if (isReport(event)) {
    return {
      delivery_report_id: text('drId'),
      source_number: text('sourceAddress'),
      date_received: text('receivedTimestamp'),
      status: text('status'),
      delay: '0',
      submitted_date: text('submittedTimestamp'),
      message_id: text('messageId'),
      original_text: text('mtContent'),
      vendor_account_id: {
        vendor_id: text('vendorId') ?? '',
        account_id: text('accountId') ?? '',
      },
      error_code: text('statusCode'),
      metadata,
    };
  }
  return {
    notification_id: text('notificationId'),
    account_id: text('accountId'),
    reply_id: text('replyId'),
    destination_number: text('destinationAddress'),
    source_number: text('sourceAddress'),
    date_received: text('receivedTimestamp'),
    message_id: text('messageId'),
    content: text('moContent'),
    metadata,
  };
}

function isReport(event: WebhookEvent): boolean {
  return event.endsWith('_DR');
}

function rootOf(event: WebhookEvent): string {
  if (isReport(event)) return 'delivery_report';
  return event === 'OPT_OUT_SMS' ? 'opt_out' : 'reply';
}

/** Groups have their names in brackets, as PHP and others read them: `metadata[key]=value`. */
function formOf(payload: Payload): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(payload)) {
    if (typeof value === 'string') form.append(name, value);
    else for (const [key, one] of Object.entries(value ?? {})) form.append(`${name}[${key}]`, one);
  }
  return form.toString();
}

/** A key of metadata need not be a name of XML, so it is an attribute. */
function documentOf(root: string, payload: Payload): string {
  const elements = Object.entries(payload).map(([name, value]) => {
    if (value === undefined) return '';
    if (typeof value === 'string') return element(name, xml(value));
    const members = Object.entries(value).map(([key, one]) =>
      name === 'metadata' ? `<entry key="${xml(key)}">${xml(one)}</entry>` : element(key, xml(one)),
    );
    return element(name, members.join(''));
  });
  return `<?xml version="1.0" encoding="UTF-8"?>${element(root, elements.join(''))}`;
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
