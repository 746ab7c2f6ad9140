import { describe, expect, it } from 'vitest';
import { bind, parseTemplate, personalise } from './personalise.ts';

describe('a text with places', () => {
  it.each([
    ['Hello', [], 'Hello'],
    ['{{a}}', ['x'], 'x'],
    ['Hi {{ first name }}, {{b}}!', ['Ann', 'now'], 'Hi Ann, now!'],
    ['{{a}}{{b}}', ['x', 'y'], 'xy'],
    ['{{}} {a} {{{x}}} $& {{a}}', ['$1', '$&'], '{{}} {a} {$1} $& $&'],
    ['{{a', [], '{{a'],
  ])('%j', (text, values, filled) => {
    const template = parseTemplate(text);
    expect(template.names).toHaveLength(values.length);
    expect(personalise(template, values)).toBe(filled);
  });

  it('a place that nothing stands for is empty', () => {
    expect(personalise(parseTemplate('a{{b}}c'), [])).toBe('ac');
  });
});

describe('columns', () => {
  const columns = ['Name', 'Mobile', 'age', 'city'];
  it.each([
    [
      { toColumn: null, text: '{{NAME}}' },
      { to: 1, values: [0] },
    ],
    [
      { toColumn: 'city', text: '{{2}} {{ city }}' },
      { to: 3, values: [1, 3] },
    ],
    [
      { toColumn: '4', text: '' },
      { to: 3, values: [] },
    ],
  ])('%j', (wanted, binding) => {
    expect(bind(columns, wanted)).toEqual(binding);
  });

  it('that a file does not have are named, with those it has', () => {
    const all = "it has 'Name', 'Mobile', 'age', 'city'.";
    for (const [wanted, said] of [
      [{ toColumn: 'x', text: '' }, `The file has no column 'x'; ${all}`],
      [{ toColumn: '5', text: '' }, `The file has no column '5'; ${all}`],
      [{ toColumn: '0', text: '' }, `The file has no column '0'; ${all}`],
      [{ toColumn: null, text: '{{sex}}' }, `The file has no column 'sex'; ${all}`],
    ] as const) {
      expect(() => bind(columns, wanted)).toThrow(said);
    }
  });

  describe('of the same name', () => {
    const twice = ['to', 'Mobile', 'name', 'MOBILE', 'Name', 'name'];

    it.each([
      [{ toColumn: null, text: '{{name}}' }, "'name' is columns 3, 5 and 6", '{{3}}'],
      [{ toColumn: 'mobile', text: '' }, "'mobile' is columns 2 and 4", '2'],
      [{ toColumn: null, text: '{{mobile}}' }, "'mobile' is columns 2 and 4", '{{2}}'],
    ])('are asked for by their place: %j', (wanted, which, place) => {
      expect(() => bind(twice, wanted)).toThrow(
        `In the file ${which}: say which one by its place, ${place} for the first of them.`,
      );
    });

    it('do no harm where nobody asks for them', () => {
      const wanted = { toColumn: null, text: '{{5}} {{to}}' };
      expect(bind(twice, wanted)).toEqual({ to: 0, values: [4, 0] });
    });

    it('are not guessed at for the numbers', () => {
      expect(() => bind(['name', 'mobile', 'Mobile'], { toColumn: null, text: '' })).toThrow(
        "In the file 'mobile' is columns 2 and 3: say which one by its place, 2 for the first of them.",
      );
    });
  });

  it('of which there is one need no name', () => {
    expect(bind(['x'], { toColumn: null, text: '' })).toEqual({ to: 0, values: [] });
    expect(() => bind(['x', 'y'], { toColumn: null, text: '' })).toThrow(
      "Say which column has the numbers; it has 'x', 'y'.",
    );
  });
});
