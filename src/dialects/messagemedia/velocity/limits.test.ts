import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { limits, TemplateError, Work } from './limits.ts';
import { parseTemplate } from './parse.ts';
import { renderTemplate } from './render.ts';
import type { Value } from './values.ts';

const data = new Map<string, Value>([
  ['a', 'text'],
  ['n', 3],
  ['m', new Map([['key', 'value']])],
  ['l', ['x', 'y', null, ['z']]],
  ['long', 'a'.repeat(5000)],
]);

describe('what cannot be read', () => {
  it.each([
    ['#if($a)', 'line 1: expected #end for this #if'],
    ['\n\n#if($a)\n#if($b)x#end', 'line 3: expected #end for this #if'],
    ['#foreach($x in $l)', 'line 1: expected #end for this #foreach'],
    ['a\n#end', 'line 2: #end without #if or #foreach before it'],
    ['#else', 'line 1: #else without #if or #foreach before it'],
    ['#if($a)#else#else#end', 'line 1: expected #end after #else, found #else'],
    ['#if($a)#else#elseif($a)#end', 'line 1: expected #end after #else, found #elseif'],
    ['#foreach($x in $l)#else#end', 'line 1: expected #end for #foreach, found #else'],
    ['#if $a', "line 1: expected '(' after #if"],
    ['#if()x#end', 'line 1: expected a reference, a number, or a text in quotes'],
    ['#if($a', "line 1: expected ')' at the end of #if"],
    ['#if($a ==)x#end', 'line 1: expected a reference, a number, or a text in quotes'],
    ['#if($a = 1)x#end', "line 1: expected ')' at the end of #if"],
    ['#if("abc)x#end', 'line 1: expected another "'],
    ["#if('abc)x#end", "line 1: expected another '"],
    ['#if(($a x)y#end', "line 1: expected ')' after the expression in brackets"],
    ['#if(($a)x#end', "line 1: expected ')' at the end of #if"],
    ['#set(x = 1)', 'line 1: expected a variable in #set'],
    ['#set($x.y = 1)', "line 1: expected '=' in #set"],
    ['#set($x == 1)', 'line 1: expected a reference, a number, or a text in quotes'],
    ['#set($x = [1, 2)', "line 1: expected ']' after the list"],
    ['#set($x = [1..2)', "line 1: expected ']' after the range"],
    ['#set($x = {"a": 1})', 'line 1: expected a reference, a number, or a text in quotes'],
    ['#foreach($x of $l)x#end', "line 1: expected 'in' in #foreach"],
    ['${a', "line 1: expected '}' after '${a'"],
    ['${a|"b"}', "line 1: expected '}' after '${a'"],
    ['$m.get("key"', "line 1: expected ')' in the call of get"],
    ['$m.get("key" 2)', "line 1: expected ')' in the call of get"],
    ['$l[0', "line 1: expected ']' after the index"],
    ['\n#* x', "line 2: expected '*#' for this #*"],
    ['#[[ x', "line 1: expected ']]#' for this #[["],
    ['#parse("/etc/passwd")', 'line 1: #parse is not supported'],
    ['#include("/etc/passwd")', 'line 1: #include is not supported'],
    ['#evaluate("$a")', 'line 1: #evaluate is not supported'],
    ['#macro(x)y#end', 'line 1: #macro is not supported'],
    ['#define($x)y#end', 'line 1: #define is not supported'],
    ['a #stop b', 'line 1: #stop is not supported'],
    ['#set($x = "\n\n#if($a)")', 'line 3: expected #end for this #if'],
  ])('%s', (template, message) => {
    expect(() => parseTemplate(template)).toThrow(new TemplateError(message));
  });
});

const repeat = (text: string, times: number): string => text.repeat(times);
const many = (text: string, times: number): string => Array<string>(times).fill(text).join(',');

describe('the line of a mistake', () => {
  afterEach(() => vi.restoreAllMocks());

  /** How often a text was cut into its lines: that reads all of it. */
  const cutsOf = (template: string): number => {
    const split = vi.spyOn(String.prototype, 'split');
    try {
      parseTemplate(template);
    } catch (error) {
      expect(error).toEqual(
        new TemplateError('line 26001: #end without #if or #foreach before it'),
      );
    }
    return split.mock.calls.filter(([by]) => (by as unknown) === '\n').length;
  };

  it('is looked for only when there is one', () => {
    const template = `${repeat('\n', 26_000)}#set($l=[${many('"#"', 1_600)}])`;
    expect(cutsOf(template)).toBe(0);
    expect(cutsOf(`${template}#end`)).toBe(1);
  });
});

describe('what is too much to read', () => {
  it.each([
    ['long', 'x'.repeat(limits.length + 1)],
    ['many parts', '$a'.repeat(limits.nodes + 1)],
    ['deep blocks', repeat('#if(true)', 40) + repeat('#end', 40)],
    ['deep brackets', `#if(${'('.repeat(8000)}`],
    ['deep lists', `#set($x = ${'['.repeat(8000)}`],
    ['deep calls', repeat('$a.get(', 4000)],
    ['deep indices', repeat('$a[', 8000)],
    ['many nots', `#if(${'!'.repeat(8000)}$a)x#end`],
    ['a long chain', `#if(${repeat('1 + ', 6000)}1)x#end`],
  ])('%s', (_, template) => {
    expect(() => parseTemplate(template)).toThrow(TemplateError);
  });
});

describe('what is too much to render', () => {
  it.each([
    ['a long range', '#foreach($i in [1..999999999])x#end'],
    ['loops in loops', `${repeat('#foreach($i in [1..9])', 8)}x${repeat('#end', 8)}`],
    ['a text that doubles', '#set($s = "xx")#foreach($i in [1..100])#set($s = "$s$s")#end'],
    ['a sum that doubles', '#set($s = "xx")#foreach($i in [1..100])#set($s = $s + $s)#end'],
    ['a list that doubles', '#set($s = [1])#foreach($i in [1..30])#set($s = [$s, $s])#end$s'],
    ['a list within a list', '#set($s = [1])#foreach($i in [1..3000])#set($s = [$s])#end$s'],
    ['replacing', `#set($s = $long)#foreach($i in [1..9])#set($s = $s.replace("a", $s))#end$s`],
    ['a long text many times', '#foreach($i in [1..1000])$long#end'],
    ['a long text looked at often', '#foreach($i in [1..1000])#if($long.contains("b"))#end#end'],
    ['escaping', '#foreach($i in [1..1000])#set($s = $esc.json($long))#end'],
    ['undefined texts', `#foreach($i in [1..5000])$undefined.${'a'.repeat(100)}#end`],
  ])('%s', (_, template) => {
    const read = parseTemplate(template);
    expect(() => renderTemplate(read, data)).toThrow(TemplateError);
  });

  it.each([
    ['a sum', `#set($x = ${repeat('1 + ', 2400)}1)$x`, '2401'],
    ['a condition', `#if(${repeat('$nothing || ', 1200)}1)y#end`, 'y'],
    ['properties', `$a${repeat('.b', 4900)}`, `$a${repeat('.b', 4900)}`],
    ['branches', `#if($nothing)n${repeat('#elseif($nothing)n', 900)}#{else}y#end`, 'y'],
    ['nots', `#if(${repeat('!', 30)}$a)y#end`, 'y'],
    ['brackets', `#if(${repeat('(', 30)}$a${repeat(')', 30)})y#end`, 'y'],
    ['blocks', `${repeat('#if($a)', 30)}y${repeat('#end', 30)}`, 'y'],
  ])('does not fail for a chain that may be read: %s', (_, template, expected) => {
    expect(renderTemplate(parseTemplate(template), data)).toBe(expected);
  });

  it('ends where everything is used up to the brim', () => {
    const work = new Work();
    const turns = Math.floor(limits.steps / 7) - 1;
    const template = `#foreach($i in [1..${turns}])#if($a == "b")#end#end`;
    renderTemplate(parseTemplate(template), data, { work });
    expect(work.steps).toBeGreaterThan(limits.steps * 0.9);
    expect(work.steps).toBeLessThanOrEqual(limits.steps);
  });
});

/** What one rendering costs. */
function workOf(template: string, as: 'text' | 'url' = 'text'): Work {
  const work = new Work();
  renderTemplate(parseTemplate(template), counted, { work, as });
  return work;
}

const size = 5_000;
const name = 'n'.repeat(size);
const counted = new Map<string, Value>([
  ...data,
  ['one', 'a'.repeat(size)],
  ['other', `${'a'.repeat(size - 1)}b`],
  ['alike', Array.from({ length: 4 }, () => `${'a'.repeat(size - 1)}c`)],
  ['quotes', `"'`.repeat(size / 2)],
  ['sharps', '\u00df'.repeat(size)],
  ['wide', '\u4e00'.repeat(size)],
  ['keys', new Map([[name, 1]])],
  ['nested', [[[['a'.repeat(size)]]]]],
  ['numbers', Array.from({ length: 500 }, (_, i) => i)],
  ['entries', new Map(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]))],
]);

/** Characters are counted where they are read, and again where they are made. */
describe('characters are counted', () => {
  it.each([
    ['comparing', '#if($one == $other)#end', size],
    ['comparing for a difference', '#if($one != $other)#end', size],
    ['equals', '#if($one.equals($other))#end', size],
    ['equalsIgnoreCase', '#if($one.equalsIgnoreCase($other))#end', 2 * size],
    ['a list that contains', '#if($alike.contains($other))#end', 4 * size],
    ['a text that contains', '#if($one.contains("b"))#end', size],
    ['startsWith', '#if($one.startsWith($other))#end', 2 * size],
    ['endsWith', '#if($one.endsWith($other))#end', 2 * size],
    ['trim', '#set($x = $one.trim())', 2 * size],
    ['substring', '#set($x = $one.substring(1))', 2 * size - 1],
    ['toLowerCase', '#set($x = $one.toLowerCase())', 2 * size],
    ['toUpperCase', '#set($x = $sharps.toUpperCase())', 3 * size],
    ['replace', '#set($x = $one.replace("a", "bbb"))', 8 * size],
    ['toString', '#set($x = $one.toString())', size],
    ['a text in quotes', '#set($x = "$one$other")', 2 * size],
    ['a sum', '#set($x = $one + $other)', 2 * size],
    ['esc.json', '#set($x = $esc.json($quotes))', 2.5 * size],
    ['esc.javascript', '#set($x = $esc.javascript($quotes))', 3 * size],
    ['esc.xml', '#set($x = $esc.xml($quotes))', 6.5 * size],
    ['esc.html', '#set($x = $esc.html($quotes))', 6.5 * size],
    ['esc.url', '#set($x = $esc.url($wide))', 10 * size],
    ['what is shown', '$one', size],
    ['what is shown of $esc', '$esc.html($quotes)', 12 * size],
    ['what is shown as it was written', `$${name}`, 2 * size],
    ['the text of a map', '$keys', size],
    ['the text of lists in lists', '$nested', 5 * size],
    ['a member', '#if($keys[$one])#end', size],
    ['a property', `#if($keys.${name})#end`, size],
    ['get', '#if($keys.get($one))#end', size],
    ['a getter', `#if($keys.get${name}())#end`, size],
    ['a method that is not there', `#if($one.${name}())#end`, 2 * size],
    ['a variable', `#set($${name} = 1)#if($${name})#end`, 2 * size],
    ['the variable of a loop', `#foreach($${name} in $l)#end`, 4 * size],
    ['what is kept from being a reference', `#set($${name} = 1)\\$${name}`, 3 * size],
    ['literal text', 'x'.repeat(size), size],
    ['backslashes that halve', `${repeat('\\', size)}$a`, size / 2],
    ['backslashes that stay', `${repeat('\\', size)}$undefined`, size],
  ])('%s', (_, template, least) => {
    expect(workOf(template).characters).toBeGreaterThanOrEqual(least);
  });

  it('what is encoded', () => {
    expect(workOf('$wide', 'url').characters).toBeGreaterThanOrEqual(10 * size);
    expect(workOf('$esc.url($wide)', 'url').characters).toBeGreaterThanOrEqual(19 * size);
    expect(workOf('$esc.json($wide)', 'url').characters).toBeGreaterThanOrEqual(12 * size);
  });
});

describe('steps are counted', () => {
  it.each([
    ['a range', '#set($x = [1..500])', 500],
    ['turns', '#foreach($x in $numbers)#end', 500],
    ['a list that contains', '#if($numbers.contains(-1))#end', 500],
    ['the text of a list', '#set($x = "$numbers")', 500],
    ['the text of a map', '#set($x = "$entries")', 500],
    ['keySet', '#set($x = $entries.keySet())', 500],
    ['values', '#set($x = $entries.values())', 500],
    ['entrySet', '#set($x = $entries.entrySet())', 500],
  ])('%s', (_, template, least) => {
    expect(workOf(template).steps).toBeGreaterThanOrEqual(least);
  });

  it('but not the members that nobody looks at', () => {
    expect(workOf('$numbers.get(7) $numbers.size() $entries.get("k7")').steps).toBeLessThan(50);
  });

  it('of an address and a body together', () => {
    const work = new Work();
    const half = parseTemplate(`#set($x = [1..${limits.steps * 0.6}])`);
    renderTemplate(half, data, { work });
    expect(() => renderTemplate(half, data, { work })).toThrow(TemplateError);
  });
});

/** Each of them took a tenth of a second and more where its operation was free. */
describe('what is made to cost much is refused', () => {
  const texts = `#set($x='\u0100${repeat('"', 20_000)}')#set($p="\${x}a")#set($q="\${x}b")`;
  it.each([
    [
      'a list of long texts that differ in the end',
      `${texts}#set($l=[${many('$p', 150)}])#foreach($i in [1..115])#if($l.contains($q))#end#end`,
    ],
    [
      'escaped ones of them',
      `#set($x='${repeat('"', 8_000)}')#set($p=$esc.html("\${x}a"))#set($q=$esc.html("\${x}b"))` +
        `#set($l=[${many('$p', 150)}])#foreach($i in [1..9])#if($l.contains($q))#end#end`,
    ],
    ['comparing them', `${texts}#foreach($i in [1..1000])#if($p == $q)#end#end`],
    ['comparing them by name', `${texts}#foreach($i in [1..1000])#if($p.equals($q))#end#end`],
    ['their beginnings', `${texts}#foreach($i in [1..1000])#if($p.startsWith($q))#end#end`],
    [
      'loops in loops that make a text longer',
      '#set($s="")#foreach($i in [1..60])#foreach($j in [1..20])#set($s="$s$i,$j")#end#end',
    ],
    ['escapes of escapes', `#set($s='"<&')${repeat('#set($s=$esc.html($esc.json($s)))', 30)}`],
    ['escapes that show much', `#set($x='${repeat('"', 25_000)}')${repeat('$esc.html($x)', 9)}`],
    [
      'letters of which three come of one',
      `#set($s='${repeat('\u0390', 30_000)}')${repeat('#set($s=$s.toUpperCase())', 4)}`,
    ],
    ['ranges', '#foreach($i in [1..99])#foreach($j in [1..999])#end#end'],
    ['a range kept', '#set($l=[1..2000])#foreach($i in [1..9])#foreach($j in $l)#end#end'],
    ['loops of nothing', `#foreach($i in [1..2000])${repeat('#foreach($j in $l)#end', 9)}#end`],
    [
      'long names',
      `#set($${'n'.repeat(9000)}=1)#foreach($i in [1..900])#if($${'n'.repeat(9000)})#end#end`,
    ],
    ['long getters', `#foreach($i in [1..900])#if($m.get${'n'.repeat(9000)}())#end#end`],
    ['long keys', `#set($k="${'n'.repeat(9000)}")#foreach($i in [1..900])#if($m["$k$i"])#end#end`],
    [
      'the text of a map',
      `#foreach($i in [1..99])#set($s="$foreach")#set($t="$t$foreach$m")#end`.repeat(9),
    ],
    ['a text deep in lists', `#set($l=$long)${repeat('#set($l=[$l])', 30)}${repeat('$l', 9)}`],
    ['backslashes', `#foreach($i in [1..900])${repeat('\\', 20_000)}$a#end`],
    ['backslashes before nothing', `#foreach($i in [1..900])${repeat('\\', 20_000)}$none#end`],
    ['literal text', `#foreach($i in [1..900])${'x'.repeat(20_000)}#end`],
    [
      'replacing by nothing',
      `#set($x='${'ab'.repeat(15_000)}')#foreach($i in [1..99])#set($y=$x.replace('a',''))#end`,
    ],
    [
      'deep brackets',
      `#foreach($i in [1..5000])#if(${repeat('(', 25)}$i${repeat(')', 25)} + 1 == 0)#end#end`,
    ],
    [
      'remainders',
      `#set($b=999999999999999)#foreach($i in [1..18])#set($b=$b*99999999999999)#end#foreach($i in [1..5000])#if($b%7==0)#end#end`,
    ],
  ])('%s', (_, template) => {
    const read = parseTemplate(template);
    expect(() => renderTemplate(read, data)).toThrow(TemplateError);
  });
});

it('has room for what webhooks are for', () => {
  const metadata = new Map(
    Array.from({ length: 10 }, (_, i) => [`key${i}`, '"'.repeat(256)] as const),
  );
  const given = new Map<string, Value>([
    ['moContent', '\u4e00'.repeat(5_000)],
    ['metadata', metadata],
  ]);
  const members =
    '#foreach($key in $metadata.keySet())"$key":"$esc.json($metadata.get($key))"#if($foreach.hasNext),#end#end';
  const template = `${' '.repeat(30_000)}{"text":"$esc.json($moContent)","metadata":{${members}}}`;
  const work = new Work();
  renderTemplate(parseTemplate('?text=$moContent&again=$esc.url($moContent)'), given, {
    work,
    as: 'url',
  });
  const body = renderTemplate(parseTemplate(template), given, { work });
  expect(JSON.parse(body)).toEqual({
    text: given.get('moContent'),
    metadata: Object.fromEntries(metadata),
  });
  expect(work.steps).toBeLessThan(limits.steps / 20);
});

/** What templates are made of, with spaces between. */
const pieces =
  `$a $!m \${n} $m.key $m.get('key') $l $esc.json( $foreach.count #if( #elseif( #else #end #foreach( $x in $l
  #set( $x = #{end} ) ( [ ] { } " ' , .. . \\ # $ ## == != && || ! < >= + * / % 1 2.5 true null
  $m.keySet() [1..9] $l.size() #[[ ]]# #* *# text __proto__`.split(/\s+/);
const piece = fc.constantFrom(...pieces, ' ', '\n');
const template = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const value = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 5 }).map((all) => new Map(all)),
  ),
})).value;
const values = fc
  .array(fc.tuple(fc.constantFrom('a', 'n', 'm', 'l', 'x'), value))
  .map((all) => new Map(all));

describe('whatever comes', () => {
  it('is read and rendered, or is refused with a reason', () => {
    const seen = { rendered: 0, refused: 0 };
    fc.assert(
      fc.property(template, values, (text, given) => {
        try {
          renderTemplate(parseTemplate(text), given, { as: 'url' });
          seen.rendered += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
          seen.refused += 1;
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(seen.rendered).toBeGreaterThan(100);
    expect(seen.refused).toBeGreaterThan(100);
  });

  it('text without signs is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const plain = text.replace(/[$#\\]/g, '');
        expect(renderTemplate(parseTemplate(plain), data)).toBe(plain);
      }),
      { seed: 7 },
    );
  });

  it('a JSON template with $esc.json is JSON, whatever the text', () => {
    const read = parseTemplate('{"text":"$esc.json($a)"}');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const body = renderTemplate(read, new Map([['a', text]]));
        expect(JSON.parse(body)).toEqual({ text });
      }),
      { seed: 7 },
    );
  });
});
