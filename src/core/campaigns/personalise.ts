import { GatewayError } from '../errors.ts';

/** Names of columns that hold numbers, as people call them. */
const numberColumns = new Set([
  'to',
  'mobile',
  'number',
  'phone',
  'msisdn',
  'recipient',
  'destination',
  'mobile number',
  'phone number',
]);

/** A text with places for what stands in columns: texts and places in turn. */
export interface Template {
  /** One more than there are places. */
  texts: readonly string[];
  /** The name in each place, as it was written. */
  names: readonly string[];
}

/** Takes a text with `{{column}}` in it. What is no such place stands for itself. */
export function parseTemplate(text: string): Template {
  const pieces = text.split(/\{\{([^{}]{1,200})\}\}/);
  return {
    texts: pieces.filter((_, at) => at % 2 === 0),
    names: pieces.filter((_, at) => at % 2 === 1).map((name) => name.trim()),
  };
}

/** The text with a row's values in its places. */
export function personalise({ texts }: Template, values: readonly string[]): string {
  let text = texts[0] as string;
  for (let at = 1; at < texts.length; at++) text += (values[at - 1] ?? '') + (texts[at] as string);
  return text;
}

/** Where in a row of the file what is asked for stands. */
export interface Binding {
  to: number;
  /** For each place of the text. */
  values: readonly number[];
}

/**
 * Finds the columns that a campaign asks for. Names are compared without their case; a number means the column of
 * that place, from 1.
 * @throws GatewayError `invalid_request` that names the columns there are, or those that share the name asked for.
 */
export function bind(
  columns: readonly string[],
  wanted: { toColumn: string | null; text: string },
): Binding {
  const byName = new Map<string, number[]>();
  columns.forEach((name, at) => {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), at]);
  });
  const place = (name: string, field: string): number | undefined => {
    const places = byName.get(name.toLowerCase()) ?? [];
    if (places.length > 1) throw sharedName(name, places, field);
    if (places[0] !== undefined) return places[0];
    const number = /^\d{1,3}$/.test(name) ? Number(name) : 0;
    return number >= 1 && number <= columns.length ? number - 1 : undefined;
  };
  const find = (name: string, field: string): number => {
    const at = place(name, field);
    if (at !== undefined) return at;
    throw new GatewayError('invalid_request', `The file has no column '${name}'; ${all()}.`, {
      field,
    });
  };
  const all = () => `it has ${columns.map((name) => `'${name}'`).join(', ')}`.slice(0, 500);
  return {
    to: wanted.toColumn === null ? guess() : find(wanted.toColumn, 'column'),
    values: parseTemplate(wanted.text).names.map((name) => find(name, 'text')),
  };

  function guess(): number {
    const name = columns.find((one) => numberColumns.has(one.toLowerCase()));
    if (name !== undefined) return find(name, 'column');
    if (columns.length === 1) return 0;
    throw new GatewayError('invalid_request', `Say which column has the numbers; ${all()}.`, {
      field: 'column',
    });
  }
}

/** One of them would be taken in silence: numbers, or what people are called, of the wrong column. */
function sharedName(name: string, at: readonly number[], field: string): GatewayError {
  const places = at.slice(0, 5).map((one) => one + 1);
  const [first] = places;
  const all = `${places.slice(0, -1).join(', ')} and ${places.at(-1)}`;
  const said = field === 'text' ? `{{${first}}}` : `${first}`;
  return new GatewayError(
    'invalid_request',
    `In the file '${name}' is columns ${all}: say which one by its place, ${said} for the first of them.`,
    { field },
  );
}
