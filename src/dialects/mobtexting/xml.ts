import sax from 'sax';
import { GatewayError } from '../../core/errors.ts';
import type { Input } from './input.ts';

/** Entities: the five of XML, and no name of HTML. */
const options: sax.SAXOptions & { strictEntities: true } = {
  strictEntities: true,
  position: false,
};
const deepest = 6;
const mostElements = 100_000;

type Fields = Record<string, string>;

/**
 * Reads the body of `sms/send/xml`: `<data><root>…</root><nodes><node>…</node></nodes></data>`, each field an element
 * with a text; gives what the JSON of `sms/send/json` holds. There is no DTD, so no entity but those of XML itself,
 * and nothing is fetched.
 * @throws GatewayError `invalid_json` for what is no such document: a body that cannot be read.
 */
export function readXml(body: Buffer | undefined): Input {
  const parser = sax.parser(true, options);
  const path: string[] = [];
  const root: Fields = Object.create(null) as Fields;
  const nodes: Fields[] = [];
  let elements = 0;
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
  parser.write(body?.toString('utf8') ?? '').close();
  if (elements === 0) fail('The body must be XML.');
  return { root, nodes };
}
