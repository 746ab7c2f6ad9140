import { setImmediate } from 'node:timers/promises';
import sax from 'sax';
import { GatewayError } from '../../core/errors.ts';
import type { Input } from './input.ts';

/** Entities: the five of XML, and no name of HTML. */
const options: sax.SAXOptions & { strictEntities: true } = {
  strictEntities: true,
};
const deepest = 6;
const mostElements = 100_000;
/** The documented form has none. */
const mostAttributes = 100;
/**
 * So much is parsed in some 15 ms; then others are served. Between two pieces the parser looks whether a name, a comment
 * or whatever else is no text has become longer than it takes (64 KiB).
 */
const pieceLength = 64 * 1024;

type Fields = Record<string, string>;

/**
 * Reads the body of `sms/send/xml`: `<data><root>…</root><nodes><node>…</node></nodes></data>`, each field an element
 * with a text; gives what the JSON of `sms/send/json` holds. There is no DTD, so no entity but those of XML itself,
 * and nothing is fetched.
 * @throws GatewayError `invalid_json` for what is no such document: a body that cannot be read.
 */
export async function readXml(body: Buffer | undefined): Promise<Input> {
  const parser = sax.parser(true, options);
  const path: string[] = [];
  const root: Fields = Object.create(null) as Fields;
  const nodes: Fields[] = [];
  let elements = 0;
  let attributes = 0;
  let text = '';
  const fail = (detail: string): never => {
    throw new GatewayError('invalid_json', detail);
  };
  Object.assign(parser, {
    onerror: () => fail('The body is not well-formed XML.'),
    ondoctype: () => fail('The body must have no DTD.'),
    onopentag: ({ name }: sax.Tag) => {
      path.push(name);
      if (path.length > deepest || ++elements > mostElements) fail('The body is too large.');
      if (path.join('/') === 'data/nodes/node') nodes.push(Object.create(null) as Fields);
      text = '';
    },
    onattribute: () => {
      if (++attributes > mostAttributes) fail('The body is too large.');
    },
    ontext: (more: string) => (text += more),
    oncdata: (more: string) => (text += more),
    onclosetag: () => {
      const name = path.at(-1) ?? '';
      const parent = path.slice(0, -1).join('/');
      const node = nodes.at(-1);
      if (parent === 'data/root') root[name] = text;
      else if (parent === 'data/nodes/node' && node) node[name] = text;
      path.pop();
      text = '';
    },
  });
  const written = body?.toString('utf8') ?? '';
  for (let at = 0; at < written.length; at += pieceLength) {
    if (at > 0) await setImmediate();
    parser.write(written.slice(at, at + pieceLength));
  }
  parser.close();
  if (elements === 0) fail('The body must be XML.');
  return { root, nodes };
}
