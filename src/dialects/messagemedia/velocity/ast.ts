/** What a template consists of. A string is text that stands for itself. */
export type Node =
  | string
  | { kind: 'reference'; reference: Reference; backslashes: number }
  | { kind: 'set'; name: string; value: Expression }
  | { kind: 'if'; branches: readonly Branch[] }
  | { kind: 'foreach'; name: string; list: Expression; body: readonly Node[] };

export interface Branch {
  /** Null of `#else`. */
  test: Expression | null;
  body: readonly Node[];
}

export interface Reference {
  name: string;
  steps: readonly Step[];
  /** `$!x`: nothing is shown where there is nothing. */
  quiet: boolean;
  /** As it was written: what is shown where there is nothing. */
  source: string;
}

export type Step =
  | { kind: 'property'; name: string }
  | { kind: 'method'; name: string; args: readonly Expression[] }
  | { kind: 'index'; at: Expression };

export type Expression =
  | { kind: 'literal'; value: string | number | boolean | null }
  /** A text in double quotes: what is in it is evaluated. */
  | { kind: 'text'; parts: readonly Node[] }
  | { kind: 'list'; items: readonly Expression[] }
  | { kind: 'range'; from: Expression; to: Expression }
  | { kind: 'not'; of: Expression }
  /** Operands with operators of one level between, from left to right. */
  | { kind: 'chain'; first: Expression; rest: readonly Link[] }
  | { kind: 'reference'; reference: Reference };

export interface Link {
  operator: Operator;
  operand: Expression;
}

export type Operator =
  | '||'
  | '&&'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';
