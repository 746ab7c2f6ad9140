import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { originOf, valueAt } from './layers.ts';
import type { Layer } from './layers.ts';
import { isSecret } from './schema.ts';
import { keyOf, keysAt, settingsOf } from './settings-tree.ts';
import type { Path } from './settings-tree.ts';

/** The configuration as it was put together, for those who find fault with it. */
export interface Findings {
  schema: z.core.$ZodType;
  layers: readonly Layer[];
  /** What the layers give together. */
  tree: unknown;
}

/** `http.port must be a whole number from 0 to 65535, but is "eighty" (from …)` */
export function mustBe(findings: Findings, path: Path, expected: string): string {
  const value = valueAt(findings.tree, path);
  const found =
    value === undefined
      ? 'it is missing'
      : isSecret(path) && value !== null
        ? 'is not'
        : `is ${show(value)}`;
  return `${keyOf(path)} must be ${expected}, but ${found} ${from(findings, path)}`;
}

/** Says in sentences what zod finds wrong with the settings that this program itself describes. */
export function explain(issue: z.core.$ZodIssue, findings: Findings): string[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(findings, path, key));
    case 'invalid_key':
      return [
        `${keyOf(path)} must be ${issue.issues[0]?.message ?? 'another name'} ${from(findings, path)}`,
      ];
    case 'invalid_union': {
      // What is wrong with the alternative that was meant: the one that such a value may be at all.
      const meant = issue.errors.find((issues) => !issues.some(isOfAnotherKind));
      if (meant === undefined) return [mustBe(findings, path, issue.message)];
      return meant.flatMap((one) => explain({ ...one, path: [...path, ...one.path] }, findings));
    }
    default:
      return [mustBe(findings, path, issue.message)];
  }
}

function isOfAnotherKind({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length === 0;
}

/**
 * The same for the settings of a link, which its transport describes. No value is quoted, since any of
 * them may be a password; zod's own messages do not quote them either.
 * @param schema the transport's.
 */
export function explainForeign(
  issue: z.core.$ZodIssue,
  findings: Findings,
  at: Path,
  schema: z.core.$ZodType,
): string[] {
  const path = [...at, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(findings, path, key, keysAt(schema, issue.path)));
  }
  const key = keyOf(path);
  if (valueAt(findings.tree, path) === undefined) {
    const expected = issue.code === 'invalid_type' ? `expected ${issue.expected}` : issue.message;
    return [`${key} is missing; ${expected} ${from(findings, path)}`];
  }
  return [`${key} is not right: ${issue.message} ${from(findings, path)}`];
}

function unknownKey(
  findings: Findings,
  parent: Path,
  key: string,
  siblings = keysAt(findings.schema, parent) ?? [],
): string {
  const path = [...parent, key];
  const before = parent.length === 0 ? '' : `${keyOf(parent)}.`;
  const everywhere = settingsOf(findings.schema).map((setting) => keyOf(setting.path));
  const meant = didYouMean(key, siblings, before) || didYouMean(keyOf(path), everywhere);
  const there = siblings.length === 0 ? '' : `; known here: ${siblings.join(', ')}`;
  return `${keyOf(path)} is not a setting${meant || there} ${from(findings, path)}`;
}

function from({ schema, layers }: Findings, path: Path): string {
  return `(from ${originOf(schema, layers, path)})`;
}

/** A value as a person would recognise it; never all of something long. */
function show(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value) && value.length === 0) return 'an empty list';
  if (typeof value === 'object' && !Array.isArray(value)) return 'a section';
  const json = JSON.stringify(value) ?? typeof value;
  // Without the user and password of a URL.
  const text = json.replace(/:\/\/[^/@]*@/g, '://…@');
  return text.length > 70 ? `${text.slice(0, 70)}…` : text;
}
