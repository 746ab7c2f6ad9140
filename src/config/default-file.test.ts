import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, parseDocument } from 'yaml';
import type { YAMLMap } from 'yaml';
import { createSchema } from './schema.ts';
import { keyOf, settingsOf } from './settings-tree.ts';
import { variableOf } from './text-layers.ts';

const yaml = readFileSync(new URL('../../parlance.default.yaml', import.meta.url), 'utf8');
const document = parseDocument(yaml);
const schema = createSchema([]);
const keys = settingsOf(schema).map(({ path }) => keyOf(path));

/** What people chose names for, and what is therefore no setting of its own. */
const leaves = new Set(['links', 'routes', 'dialects']);

function entriesOf(map: YAMLMap, above = ''): { key: string; comment: string; leaf: boolean }[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error('a key that is no text');
    const name = `${above}${String(key.value)}`;
    // The comment before the first of a section belongs to the section for the parser.
    const comment = (index === 0 && above ? map.commentBefore : key.commentBefore) ?? '';
    const section = isMap(value) && !leaves.has(name);
    const own = { key: name, comment, leaf: !section };
    return section ? [own, ...entriesOf(value, `${name}.`)] : [own];
  });
}

describe('parlance.default.yaml', () => {
  const entries = isMap(document.contents) ? entriesOf(document.contents) : [];

  it('has every setting, and none that there is not', () => {
    const written = entries.filter(({ leaf }) => leaf).map(({ key }) => key);
    expect(written.filter((key) => key !== 'dialects').toSorted()).toEqual(keys.toSorted());
  });

  it('explains every setting', () => {
    const bare = entries.filter(({ leaf, comment }) => leaf && comment.trim().length < 20);
    expect(bare.map(({ key }) => key)).toEqual([]);
  });

  it('passes its own schema', () => {
    expect(schema.safeParse(document.toJS()).error).toBeUndefined();
  });

  it('has examples that can be pasted', () => {
    // Indented by two more than the sentence before: `#   links:`.
    const blocks = [...yaml.matchAll(/^# Example:\n((?:# {3}.*\n)+)/gm)].map(([, lines = '']) =>
      lines.replaceAll(/^# {3}/gm, ''),
    );
    expect(blocks.length).toBeGreaterThan(2);
    const pasted = Object.assign(
      {},
      ...blocks.map((block) => parseDocument(block).toJS() as object),
    );
    const example = createSchema(Object.keys(pasted.dialects));
    expect(example.safeParse({ ...document.toJS(), ...pasted }).error).toBeUndefined();
  });
});

describe('variableOf', () => {
  it('makes a name of a key', () => {
    expect(variableOf(['http', 'port'])).toBe('PARLANCE_HTTP_PORT');
    expect(variableOf(['http', 'publicUrl'])).toBe('PARLANCE_HTTP_PUBLIC_URL');
    expect(variableOf(['data'])).toBe('PARLANCE_DATA');
  });

  it('gives each setting one of its own', () => {
    const names = settingsOf(createSchema(['alpha', 'beta'])).map(({ path }) => variableOf(path));
    expect(new Set(names).size).toBe(names.length);
  });
});
