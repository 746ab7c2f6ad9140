import type { Expression, Link, Operator, Reference, Step } from './ast.ts';
import type { Cursor } from './cursor.ts';

/** A hyphen belongs to a name behind a dot alone: keys of metadata have some. */
const head = /\$(!?)(\{?)([A-Za-z_]\w*)/y;
const property = /\.([A-Za-z_]\w*(?:-+\w+)*)/y;

/** The reference that stands here; undefined when what stands here is none. @throws TemplateError */
export function readReference(cursor: Cursor): Reference | undefined {
  const start = cursor.at;
  const found = cursor.take(head);
  const name = found?.[3];
  if (!found || name === undefined) return undefined;
  cursor.count();
  const steps: Step[] = [];
  for (let step = readStep(cursor); step; step = readStep(cursor)) steps.push(step);
  if (found[2] === '{') cursor.expect('}', `after '${cursor.text.slice(start, cursor.at)}'`);
  const source = cursor.text.slice(start, cursor.at);
  return { name, steps, quiet: found[1] === '!', source };
}

function readStep(cursor: Cursor): Step | undefined {
  const name = cursor.take(property)?.[1];
  if (name !== undefined) {
    cursor.count();
    if (!cursor.takeText('(')) return { kind: 'property', name };
    return { kind: 'method', name, args: readArguments(cursor, name) };
  }
  if (!cursor.takeText('[')) return undefined;
  cursor.count();
  const at = readInner(cursor);
  cursor.expect(']', 'after the index');
  return { kind: 'index', at };
}

function readArguments(cursor: Cursor, name: string): Expression[] {
  const args: Expression[] = [];
  skipSpace(cursor);
  if (cursor.takeText(')')) return args;
  do args.push(readInner(cursor));
  while (cursor.takeText(','));
  cursor.expect(')', `in the call of ${name}`);
  return args;
}

function readInner(cursor: Cursor): Expression {
  return cursor.within(() => readExpression(cursor));
}

/** From what binds least to what binds most, each with its signs and words. */
const levels: readonly (readonly [pattern: RegExp, operators: Record<string, Operator>])[] = [
  [/\|\||or\b/y, { '||': '||', or: '||' }],
  [/&&|and\b/y, { '&&': '&&', and: '&&' }],
  [/==|!=|(?:eq|ne)\b/y, { '==': '==', '!=': '!=', eq: '==', ne: '!=' }],
  [
    /<=|>=|<|>|(?:lt|gt|le|ge)\b/y,
    { '<': '<', '>': '>', '<=': '<=', '>=': '>=', lt: '<', gt: '>', le: '<=', ge: '>=' },
  ],
  [/[+-]/y, { '+': '+', '-': '-' }],
  [/[*/%]/y, { '*': '*', '/': '/', '%': '%' }],
];

/** The expression that stands here, with the space around it. @throws TemplateError */
export function readExpression(cursor: Cursor, level = 0): Expression {
  const [pattern, operators] = levels[level] ?? [];
  if (!pattern || !operators) return readOperand(cursor);
  const first = readExpression(cursor, level + 1);
  const rest: Link[] = [];
  for (let found = cursor.take(pattern); found; found = cursor.take(pattern)) {
    cursor.count();
    const operator = operators[found[0]] as Operator;
    rest.push({ operator, operand: readExpression(cursor, level + 1) });
  }
  return rest.length === 0 ? first : { kind: 'chain', first, rest };
}

function readOperand(cursor: Cursor): Expression {
  skipSpace(cursor);
  cursor.count();
  const operand = readBare(cursor);
  skipSpace(cursor);
  return operand;
}

const number = /-?\d{1,15}(?:\.\d{1,15})?/y;
const word = /(?:true|false|null)\b/y;
const words: Record<string, boolean | null> = { true: true, false: false, null: null };

function readBare(cursor: Cursor): Expression {
  if (cursor.take(/!|not\b/y)) {
    return { kind: 'not', of: cursor.within(() => readOperand(cursor)) };
  }
  if (cursor.takeText('(')) {
    const within = readInner(cursor);
    cursor.expect(')', 'after the expression in brackets');
    return within;
  }
  if (cursor.takeText('[')) return readList(cursor);
  const quoted = readQuoted(cursor);
  if (quoted) return quoted;
  const digits = cursor.take(number)?.[0];
  if (digits !== undefined) return { kind: 'literal', value: Number(digits) };
  const name = cursor.take(word)?.[0];
  if (name !== undefined) return { kind: 'literal', value: words[name] ?? null };
  const reference = readReference(cursor);
  if (reference) return { kind: 'reference', reference };
  return cursor.fail('expected a reference, a number, or a text in quotes');
}

/** `[1, $b]`, or `[1..5]`. */
function readList(cursor: Cursor): Expression {
  skipSpace(cursor);
  if (cursor.takeText(']')) return { kind: 'list', items: [] };
  const first = readInner(cursor);
  if (cursor.takeText('..')) {
    const to = readInner(cursor);
    cursor.expect(']', 'after the range');
    return { kind: 'range', from: first, to };
  }
  const items = [first];
  while (cursor.takeText(',')) items.push(readInner(cursor));
  cursor.expect(']', 'after the list');
  return { kind: 'list', items };
}

/** In either kind of quotes, the quote itself is doubled. */
const quotes = /'([^']*(?:''[^']*)*)'|"([^"]*(?:""[^"]*)*)"/y;

function readQuoted(cursor: Cursor): Expression | undefined {
  const start = cursor.at;
  const found = cursor.take(quotes);
  if (!found) {
    const quote = cursor.text[cursor.at];
    return quote === "'" || quote === '"' ? cursor.fail(`expected another ${quote}`) : undefined;
  }
  const [, single, double = ''] = found;
  if (single !== undefined) return { kind: 'literal', value: single.replaceAll("''", "'") };
  const text = double.replaceAll('""', '"');
  if (!/[$#]/.test(text)) return { kind: 'literal', value: text };
  const inner = cursor.inner(text, start);
  return { kind: 'text', parts: cursor.within(() => cursor.readNodes(inner)) };
}

function skipSpace(cursor: Cursor): void {
  cursor.take(/\s+/y);
}
