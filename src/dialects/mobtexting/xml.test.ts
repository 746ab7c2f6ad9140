import { expect, it } from 'vitest';
import { readXml } from './xml.ts';

const read = (text: string) => readXml(Buffer.from(text));
const long = 'a'.repeat(200_000);

it('reads texts whole, however long they are', async () => {
  const text = `${'x😀é'.repeat(30_000)} & `;
  const escaped = text.replace('&', '&amp;');
  const node = `<node><message>${escaped}<![CDATA[${text}]]></message></node>`;
  const { nodes } = await read(`<data><nodes>${node}</nodes></data>`);
  expect(nodes).toEqual([{ message: text + text }]);
});

it.each<[string, string]>([
  [
    'many attributes',
    `<data ${Array.from({ length: 101 }, (_, nth) => `a${nth}="1"`).join(' ')}/>`,
  ],
  ['many attributes in many elements', `<data>${'<a b="1"/>'.repeat(101)}</data>`],
  ['a long name', `<data><${long}/></data>`],
  ['a long name at the end of an element', `<data></${long}></data>`],
  ['a long name of an attribute', `<data ${long}="1"/>`],
  ['a long attribute', `<data a="${long}"/>`],
  ['a long entity', `<data>&${long};</data>`],
  ['a long comment', `<data><!--${long}--></data>`],
  ['a long instruction', `<data><?x ${long}?></data>`],
  ['a long declaration', `<!DOCTYPE ${long}><data/>`],
])('refuses %s', async (_what, text) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'invalid_json' });
});

it('lets others be served meanwhile', async () => {
  let served = 0;
  let next = setImmediate(function serve() {
    served += 1;
    next = setImmediate(serve);
  });
  await read(`<data>${'&amp;'.repeat(200_000)}</data>`);
  clearImmediate(next);
  expect(served).toBeGreaterThan(10);
});
