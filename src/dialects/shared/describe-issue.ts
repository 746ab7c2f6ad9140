import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const nouns: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  null: 'null',
};

/**
 * Takes what a schema found wrong; gives the field as clients write it (`messages[3].to`, undefined
 * for the whole) and a sentence that says what it should be. The value itself is never quoted.
 */
export function describeIssue(issue: Issue): { field: string | undefined; sentence: string } {
  const field = fieldOf(issue.path);
  return { field, sentence: `${field ?? 'The request'} ${expectation(issue)}.` };
}

function fieldOf(path: readonly PropertyKey[]): string | undefined {
  let field = '';
  for (const step of path) {
    if (typeof step === 'number') field += `[${step}]`;
    else field += field === '' ? String(step) : `.${String(step)}`;
  }
  return field === '' ? undefined : field;
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const noun = nouns[issue.expected] ?? `of type ${issue.expected}`;
      return issue.message.endsWith('received undefined')
        ? `is missing; it must be ${noun}`
        : `must be ${noun}`;
    }
    case 'too_small':
      return `must ${amount(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${amount(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'unrecognized_keys':
      return `must not have the key ${issue.keys.map((key) => `'${key}'`).join(', ')}`;
    case 'custom':
      return issue.message;
    case 'invalid_union':
      return unionOf(issue);
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
      return 'does not have the right form';
  }
}

/** What the alternatives ask for, where each asks for a type. */
function unionOf(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const wanted = issue.errors.flatMap(([first]) =>
    first?.code === 'invalid_type' && first.path.length === 0
      ? [nouns[first.expected] ?? first.expected]
      : [],
  );
  return wanted.length > 0
    ? `must be ${[...new Set(wanted)].join(' or ')}`
    : 'does not have the right form';
}

const units: Record<string, readonly [one: string, more: string]> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function amount(origin: string, bound: string, number: number | bigint): string {
  const unit = units[origin];
  return unit ? `have ${bound} ${number} ${unit[number === 1 ? 0 : 1]}` : `be ${bound} ${number}`;
}
