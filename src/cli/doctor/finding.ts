import { explain } from '../shared/failure.ts';

/** What one check found. */
export interface Finding {
  check: string;
  level: 'ok' | 'warn' | 'fail';
  /** A sentence without its full stop. */
  says: string;
  /** What to do about it, likewise. */
  todo?: string;
}

/** The outcome of a check, without its name. */
export type Outcome = Omit<Finding, 'check'>;

/** All is well; in words, with what was found. */
export const ok = (says: string): Outcome => ({ level: 'ok', says });
/** It works, but somebody should look. */
export const warn = (says: string, todo: string): Outcome => ({ level: 'warn', says, todo });
/** It does not work, or the books do not balance. */
export const fail = (says: string, todo?: string): Outcome => ({
  level: 'fail',
  says,
  ...(todo !== undefined && { todo }),
});

/** Runs a check; one that cannot be made has failed. */
export async function find(check: string, look: () => Promise<Outcome>): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    const text = explain(error).text.replaceAll('\n', '; ').replace(/\.$/, '');
    return { check, level: 'fail', says: text };
  }
}
