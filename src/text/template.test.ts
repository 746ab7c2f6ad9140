import { describe, expect, it } from 'vitest';
import { fillIn, placesOf, valuesIn } from './template.ts';

it.each<[string, string[]]>([
  ['Welcome', []],
  ['Dear {{name}}, your details: {{ email }}, {{phone}}. {{name}}!', ['name', 'email', 'phone']],
  ['Your code is {{1}}', ['1']],
  ['Your code is {#var#} for {#var#}', ['var']],
  ['{{}} {{a b}} {{a;b}} {name} {{{name}}', ['name']],
])('%s has the places %j', (body, names) => expect(placesOf(body)).toEqual(names));

describe('fillIn', () => {
  it.each<[string, Record<string, string>, ReturnType<typeof fillIn>]>([
    ['Dear {{name}}.', { name: 'Demo', more: 'x' }, { text: 'Dear Demo.' }],
    ['{{a}}{{b}}{{a}}', { a: '1', b: '{{a}}$&' }, { text: '1{{a}}$&1' }],
    ['{#var#}!', { var: '' }, { text: '!' }],
    ['{{a}} {{b}} {{b}}', { a: '1' }, { missing: ['b'] }],
    ['{{toString}} {{__proto__}}', {}, { missing: ['toString', '__proto__'] }],
    ['no place', {}, { text: 'no place' }],
  ])('%s with %j', (body, data, made) => expect(fillIn(body, data)).toEqual(made));
});

describe('valuesIn', () => {
  it.each<[string, string, string[] | null]>([
    ['Welcome', 'Welcome', []],
    ['Welcome', 'welcome', null],
    ['Your code is {{1}}.', 'Your code is 123456.', ['123456']],
    ['Your code is {{1}}.', 'Your code is 123456', null],
    ['Your code is {{1}}.', 'our code is 123456.', null],
    ['{{a}}{{b}}', 'xy', ['', 'xy']],
    ['{{a}} and {{b}}', 'x and y and z', ['x', 'y and z']],
    ['{{a}} and {{b}} or {{c}}', 'x and y', null],
    ['aba{{x}}aba', 'aba', null],
    ['aba{{x}}aba', 'abaaba', ['']],
    ['{{a}}.{{b}}.', '1.2.', ['1', '2']],
    ['{{a}}.{{b}}.', '1.', null],
    ['Hi {#var#}', 'Hi (a|b)*', ['(a|b)*']],
  ])('%s in %j', (body, text, values) => expect(valuesIn(body, text)).toEqual(values));

  it('takes no longer for a body that is made to take long', () => {
    const body = `${'{{a}}x'.repeat(2_000)}y`;
    const began = performance.now();
    expect(valuesIn(body, 'x'.repeat(20_000))).toBeNull();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('finds again what was filled in, where the data has nothing of what stands around it', () => {
    const body = 'Dear {{name}}, pay {{sum}} by {{day}}.';
    const data = { name: 'Ana', sum: '12', day: 'Friday' };
    const made = fillIn(body, data);
    expect('text' in made && valuesIn(body, made.text)).toEqual(['Ana', '12', 'Friday']);
  });
});
