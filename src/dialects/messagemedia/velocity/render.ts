import type { Expression, Node, Operator, Reference } from './ast.ts';
import { escapeTool, urlPart } from './escape.ts';
import { Work } from './limits.ts';
import { call, memberOf } from './methods.ts';
import type { Template } from './parse.ts';
import type { Value } from './values.ts';
import { equals, isList, isTrue, made, Tool, toNumber, toText } from './values.ts';

export interface Manner {
  /**
   * `url` is for a URL or a form, which no value shall break out of: what references show is percent-encoded,
   * unless it is the result of `$esc.url`. Default `text`: as it is.
   */
  as?: 'text' | 'url';
  /** What other renderings for the same request share; default one of its own. */
  work?: Work;
}

/**
 * Renders a template with data. `$esc` is there besides.
 * @throws TemplateError when it costs more than is allowed.
 */
export function renderTemplate(
  { nodes }: Template,
  data: ReadonlyMap<string, Value>,
  { as = 'text', work = new Work() }: Manner = {},
): string {
  return new Rendering(data, { as, work }).render(nodes);
}

class Rendering {
  readonly #variables: Map<string, Value>;
  readonly #as: 'text' | 'url';
  readonly #work: Work;
  /** How many quoted texts it is within: what is made there is not yet shown. */
  #quoted = 0;

  constructor(data: ReadonlyMap<string, Value>, { as, work }: Required<Manner>) {
    this.#variables = new Map([['esc', escapeTool], ...data]);
    this.#as = as;
    this.#work = work;
  }

  render(nodes: readonly Node[]): string {
    let text = '';
    for (const node of nodes) text += this.#renderNode(node);
    return text;
  }

  #renderNode(node: Node): string {
    this.#work.step();
    if (typeof node === 'string') {
      return made(node, this.#work);
    }
    switch (node.kind) {
      case 'reference':
        return this.#show(node.reference, node.backslashes);
      case 'set': {
        const value = this.#evaluate(node.value);
        // Velocity 1.7: nothing is not assigned.
        if (value !== null) this.#assign(node.name, value);
        return '';
      }
      case 'if': {
        const { body } =
          node.branches.find(({ test }) => test === null || isTrue(this.#evaluate(test))) ?? {};
        return body ? this.render(body) : '';
      }
      case 'foreach':
        return this.#loop(node);
    }
  }

  /** With backslashes before it: an odd number of them has the reference itself shown. */
  #show(reference: Reference, backslashes: number): string {
    const value = this.#resolve(reference);
    const text = toText(value, this.#work);
    const { source, quiet } = reference;
    if (text === null)
      return quiet ? '' : this.#backslashes(backslashes) + made(source, this.#work);
    const before = this.#backslashes(backslashes >> 1);
    if (backslashes % 2 === 1) return before + made(source, this.#work);
    const isSafe = this.#as === 'text' || this.#quoted > 0 || isUrlEncoded(reference);
    return before + (isSafe ? text : made(urlPart(text), this.#work));
  }

  #backslashes(count: number): string {
    this.#work.spend(count);
    return '\\'.repeat(count);
  }

  #assign(name: string, value: Value): void {
    this.#variables.set(made(name, this.#work), value);
  }

  #loop({ name, list, body }: Extract<Node, { kind: 'foreach' }>): string {
    const members = membersOf(this.#evaluate(list));
    const names = [name, 'foreach', 'velocityCount', 'velocityHasNext'];
    const before = names.map((one) => [one, this.#variables.get(one) ?? null] as const);
    const parent = this.#variables.get('foreach') ?? null;
    let text = '';
    for (const [index, member] of members.entries()) {
      this.#work.step();
      const count = index + 1;
      const hasNext = count < members.length;
      const loop = { index, count, hasNext, first: index === 0, last: !hasNext, parent };
      this.#assign(name, member);
      this.#variables.set('foreach', new Map(Object.entries(loop)));
      this.#variables.set('velocityCount', count);
      this.#variables.set('velocityHasNext', hasNext);
      text += this.render(body);
    }
    for (const [one, value] of before) this.#assign(one, value);
    return text;
  }

  #resolve({ name, steps }: Reference): Value {
    this.#work.step();
    let value = this.#variables.get(made(name, this.#work)) ?? null;
    for (const step of steps) {
      if (value === null) return null;
      this.#work.step();
      if (step.kind === 'property') value = memberOf(value, step.name, this.#work);
      else if (step.kind === 'index') {
        value = memberOf(value, this.#evaluate(step.at), this.#work);
      } else {
        const args = step.args.map((arg) => this.#evaluate(arg));
        value = call(value, made(step.name, this.#work), args, this.#work);
      }
    }
    return value;
  }

  #evaluate(expression: Expression): Value {
    this.#work.step();
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'text': {
        this.#quoted += 1;
        const text = this.render(expression.parts);
        this.#quoted -= 1;
        return text;
      }
      case 'list':
        return expression.items.map((item) => this.#evaluate(item));
      case 'range':
        return this.#range(this.#evaluate(expression.from), this.#evaluate(expression.to));
      case 'not':
        return !isTrue(this.#evaluate(expression.of));
      case 'chain':
        return this.#combine(expression);
      case 'reference':
        return this.#resolve(expression.reference);
    }
  }

  #range(from: Value, to: Value): Value {
    const [start, end] = [toNumber(from), toNumber(to)];
    if (!Number.isInteger(start) || !Number.isInteger(end)) return null;
    const first = Number(start);
    const down = Number(end) < first;
    const length = Math.abs(Number(end) - first) + 1;
    this.#work.step(length);
    return Array.from({ length }, (_, index) => (down ? first - index : first + index));
  }

  #combine({ first, rest }: Extract<Expression, { kind: 'chain' }>): Value {
    let value = this.#evaluate(first);
    for (const { operator, operand } of rest) {
      if (operator === '||') value = isTrue(value) || isTrue(this.#evaluate(operand));
      else if (operator === '&&') value = isTrue(value) && isTrue(this.#evaluate(operand));
      else value = this.#apply(operator, value, this.#evaluate(operand));
    }
    return value;
  }

  #apply(operator: Exclude<Operator, '||' | '&&'>, one: Value, other: Value): Value {
    if (operator === '==') return equals(one, other, this.#work);
    if (operator === '!=') return !equals(one, other, this.#work);
    if (operator === '+' && (typeof one === 'string' || typeof other === 'string')) {
      const [start, end] = [toText(one, this.#work), toText(other, this.#work)];
      return start === null || end === null ? null : start + end;
    }
    const [a, b] = [toNumber(one), toNumber(other)];
    return a === null || b === null ? null : calculate(operator, a, b);
  }
}

/** `$esc.url(…)` itself: what is made of its result further on may be anything. */
function isUrlEncoded({ name, steps }: Reference): boolean {
  const [step] = steps;
  return name === 'esc' && steps.length === 1 && step?.kind === 'method' && step.name === 'url';
}

function membersOf(value: Value): readonly Value[] {
  if (value === null || typeof value !== 'object') return [];
  if (isList(value)) return value;
  return value instanceof Tool ? [] : [...value.values()];
}

/** As Java: whole numbers divide into whole ones. Null for what is no number. */
function calculate(
  operator: Exclude<Operator, '||' | '&&' | '==' | '!='>,
  a: number,
  b: number,
): Value {
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '+':
      return finite(a + b);
    case '-':
      return finite(a - b);
    case '*':
      return finite(a * b);
    case '/':
      return finite(Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b);
    case '%':
      return finite(a % b);
  }
}

function finite(result: number): number | null {
  return Number.isFinite(result) ? result : null;
}
