import type { Readable } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import { localName, xmlParser } from './xml.ts';

/** Of a cell that is longer no more is kept. Excel's own limit is 32 767 characters. */
export const longestCell = 65_536;
/** Of all texts together; where a table has more, it is better off as CSV. */
const mostCharacters = 64_000_000;
const mostStrings = 2_000_000;

type Unpack = (name: string) => Promise<Readable | undefined>;

/** The entry of the workbook's first sheet. What does not say is taken for the usual one. */
export async function firstSheetOf(unpack: Unpack): Promise<string> {
  const usual = 'xl/worksheets/sheet1.xml';
  let id: string | undefined;
  await read(await unpack('xl/workbook.xml'), (name, attributes) => {
    if (name === 'sheet') id ??= attributes['r:id'] ?? attributes['id'];
  });
  if (id === undefined) return usual;
  let target: string | undefined;
  await read(await unpack('xl/_rels/workbook.xml.rels'), (name, attributes) => {
    if (name === 'Relationship' && attributes['Id'] === id) target = attributes['Target'];
  });
  if (target === undefined) return usual;
  return target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`;
}

/** The texts that cells name by their number: each without its formats. */
export async function readSharedStrings(stream: Readable | undefined): Promise<string[]> {
  const strings: string[] = [];
  let characters = 0;
  let text: string | undefined;
  let inText = false;
  /** Readings of Japanese names, which stand beside them. */
  let inPhonetic = false;
  const add = (more: string): void => {
    if (inText && !inPhonetic && text !== undefined && text.length <= longestCell) text += more;
  };
  await read(
    stream,
    (name) => {
      if (name === 'si') text = '';
      else if (name === 't') inText = true;
      else if (name === 'rPh') inPhonetic = true;
    },
    (name) => {
      if (name === 't') inText = false;
      else if (name === 'rPh') inPhonetic = false;
      else if (name === 'si') {
        strings.push(text ?? '');
        characters += text?.length ?? 0;
        text = undefined;
        if (characters > mostCharacters || strings.length > mostStrings) {
          throw new GatewayError(
            'invalid_request',
            'The workbook has more text than is read of one: save it as CSV.',
            { field: 'file' },
          );
        }
      }
    },
    add,
  );
  return strings;
}

async function read(
  stream: Readable | undefined,
  opened: (name: string, attributes: Readonly<Record<string, string>>) => void,
  closed: (name: string) => void = () => {},
  text: (text: string) => void = () => {},
): Promise<void> {
  if (!stream) return;
  const parser = xmlParser({
    onopentag: ({ name, attributes }) =>
      opened(localName(name), attributes as Record<string, string>),
    onclosetag: (name) => closed(localName(name)),
    ontext: text,
    oncdata: text,
  });
  stream.setEncoding('utf8');
  for await (const chunk of stream) parser.write(chunk as string);
  parser.close();
}
