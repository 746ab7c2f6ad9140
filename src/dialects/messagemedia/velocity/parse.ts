import type { Branch, Node } from './ast.ts';
import { Cursor } from './cursor.ts';
import { readExpression, readReference } from './expression.ts';
import { limits, TemplateError } from './limits.ts';

/** A template that was read: give it to `renderTemplate`. */
export interface Template {
  readonly nodes: readonly Node[];
}

/**
 * Reads a template in the language of Apache Velocity 1.7, as far as the samples of the vendor and of its
 * connectors need it (reference §7.7): references, `#set`, `#if`, `#foreach`, comments, `#[[…]]#`. What would
 * reach other templates or define new words is refused.
 * @throws TemplateError with the line and what was expected.
 */
export function parseTemplate(text: string): Template {
  if (text.length > limits.length) {
    throw new TemplateError(`the template is longer than ${limits.length} characters`);
  }
  return { nodes: readAll(new Cursor(text, readAll)) };
}

function readAll(cursor: Cursor): Node[] {
  const { nodes, end } = readBlock(cursor);
  if (end) cursor.fail(`#${end.name} without #if or #foreach before it`, end.at);
  return nodes;
}

const plain = /[^$#\\]+/y;
const backslashes = /\\+/y;
const lineComment = /##[^\n]*\n?/y;
const directive = /#(?:\{([a-z]+)\}|([a-z]+)(?!\w))/y;
/** A directive takes the end of its line with it. */
const restOfLine = /[ \t]*\r?\n/y;

/** What ends a block. */
interface End {
  name: 'else' | 'elseif' | 'end';
  at: number;
}

/** Everything up to the end of the text, or of the block. */
function readBlock(cursor: Cursor): { nodes: Node[]; end?: End } {
  const nodes: Node[] = [];
  while (!cursor.done) {
    const text = cursor.take(plain)?.[0] ?? readComment(cursor) ?? readEscape(cursor, nodes);
    if (text !== undefined) {
      addText(nodes, text, cursor);
      continue;
    }
    const reference = readReference(cursor);
    if (reference) {
      nodes.push({ kind: 'reference', reference, backslashes: 0 });
      continue;
    }
    const at = cursor.at;
    const name = takeDirective(cursor);
    if (name === undefined) addText(nodes, cursor.text[cursor.at++] ?? '', cursor);
    else if (name === 'else' || name === 'elseif' || name === 'end') {
      return { nodes, end: { name, at } };
    } else nodes.push(readDirective(cursor, name, at));
  }
  return { nodes };
}

function addText(nodes: Node[], text: string, cursor: Cursor): void {
  const last = nodes.at(-1);
  if (text === '') return;
  if (typeof last === 'string') nodes[nodes.length - 1] = last + text;
  else {
    cursor.count();
    nodes.push(text);
  }
}

/** A comment leaves nothing, what stands in `#[[…]]#` itself. */
function readComment(cursor: Cursor): string | undefined {
  if (cursor.take(lineComment)) return '';
  const isComment = cursor.text.startsWith('#*', cursor.at);
  const [from, to] = isComment ? ['#*', '*#'] : ['#[[', ']]#'];
  const start = cursor.at;
  if (!cursor.takeText(from)) return undefined;
  const end = cursor.text.indexOf(to, cursor.at);
  if (end < 0) return cursor.fail(`expected '${to}' for this ${from}`, start);
  const inside = cursor.text.slice(cursor.at, end);
  cursor.at = end + to.length;
  return isComment ? '' : inside;
}

/** Backslashes mean something only before a reference or a directive. */
function readEscape(cursor: Cursor, nodes: Node[]): string | undefined {
  const run = cursor.take(backslashes)?.[0];
  if (run === undefined) return undefined;
  const reference = readReference(cursor);
  if (reference) {
    nodes.push({ kind: 'reference', reference, backslashes: run.length });
    return '';
  }
  const start = cursor.at;
  if (takeDirective(cursor) === undefined) return run;
  const name = cursor.text.slice(start, cursor.at);
  if (run.length % 2 === 0) cursor.at = start;
  return run.slice(0, run.length >> 1) + (run.length % 2 === 0 ? '' : name);
}

/** Which are understood; the others are known to Velocity alone. */
const directives = new Map([
  ...['set', 'if', 'foreach', 'else', 'elseif', 'end'].map((name) => [name, true] as const),
  ...['include', 'parse', 'evaluate', 'macro', 'define', 'literal', 'stop', 'break'].map(
    (name) => [name, false] as const,
  ),
]);

/** The name of the directive that stands here; `#fff` and its like are text. */
function takeDirective(cursor: Cursor): string | undefined {
  const start = cursor.at;
  const found = cursor.take(directive);
  const name = found?.[1] ?? found?.[2] ?? '';
  if (directives.has(name)) return name;
  cursor.at = start;
  return undefined;
}

function readDirective(cursor: Cursor, name: string, at: number): Node {
  cursor.count();
  if (!directives.get(name)) cursor.fail(`#${name} is not supported`, at);
  if (name === 'set') return readSet(cursor);
  if (name === 'if') return readIf(cursor, at);
  return readForeach(cursor, at);
}

const variable = /\s*\$!?(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))\s*/y;

function takeVariable(cursor: Cursor, where: string): string {
  const found = cursor.take(variable);
  return found?.[1] ?? found?.[2] ?? cursor.fail(`expected a variable ${where}`);
}

function open(cursor: Cursor, name: string): void {
  cursor.take(/\s+/y);
  cursor.expect('(', `after #${name}`);
}

function close(cursor: Cursor, name: string): void {
  cursor.expect(')', `at the end of #${name}`);
  cursor.take(restOfLine);
}

function readSet(cursor: Cursor): Node {
  open(cursor, 'set');
  const name = takeVariable(cursor, 'in #set');
  cursor.expect('=', 'in #set');
  const value = readExpression(cursor);
  close(cursor, 'set');
  return { kind: 'set', name, value };
}

function readForeach(cursor: Cursor, at: number): Node {
  open(cursor, 'foreach');
  const name = takeVariable(cursor, 'in #foreach');
  if (!cursor.take(/in\b/y)) cursor.fail("expected 'in' in #foreach");
  const list = readExpression(cursor);
  close(cursor, 'foreach');
  const { body, end } = readBody(cursor, 'foreach', at);
  if (end.name !== 'end') cursor.fail(`expected #end for #foreach, found #${end.name}`, end.at);
  cursor.take(restOfLine);
  return { kind: 'foreach', name, list, body };
}

function readIf(cursor: Cursor, at: number): Node {
  const branches: Branch[] = [];
  for (let name: End['name'] | 'if' = 'if'; name !== 'end'; ) {
    let test: Branch['test'] = null;
    if (name === 'else') cursor.take(restOfLine);
    else {
      open(cursor, name);
      test = readExpression(cursor);
      close(cursor, name);
    }
    const { body, end } = readBody(cursor, 'if', at);
    branches.push({ test, body });
    if (test === null && end.name !== 'end') {
      cursor.fail(`expected #end after #else, found #${end.name}`, end.at);
    }
    name = end.name;
  }
  cursor.take(restOfLine);
  return { kind: 'if', branches };
}

function readBody(cursor: Cursor, name: string, at: number): { body: Node[]; end: End } {
  const { nodes, end } = cursor.within(() => readBlock(cursor));
  return { body: nodes, end: end ?? cursor.fail(`expected #end for this #${name}`, at) };
}
