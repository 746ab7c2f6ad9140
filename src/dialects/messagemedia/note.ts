import { text } from './schema.ts';

/** A text that a client has kept with something, such as a label. */
export function note(name: string, most: number) {
  return text(name)
    .refine((written) => written.length <= most, {
      error: `${name} must have at most ${most} characters`,
    })
    .refine((written) => written.isWellFormed() && !written.includes('\0'), {
      error: `${name} contains invalid characters`,
    });
}

/** The vendor's for addresses; for numbers it names none. */
export const longestLabel = 100;
