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

export const ok = (says: string): Outcome => ({ level: 'ok', says });
export const warn = (says: string, todo: string): Outcome => ({ level: 'warn', says, todo });
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
