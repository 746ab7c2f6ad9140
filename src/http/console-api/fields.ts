import { z } from 'zod';
import { roles } from '../../core/users/roles.ts';

/** Fields of bodies. What a text means is asked in the core; here, that it can be stored and is not endless. */
export const email = z.string().max(300);
export const password = z.string().max(1000);
/** What came by mail. */
export const token = z.string().min(1).max(200);
export const code = z.string().min(1).max(64);
export const name = z.string().max(200);
export const role = z.enum(roles);
/** Without control characters, which one of the engines cannot store. */
export const label = z
  .string()
  .regex(/^[^\p{C}]{1,64}$/u, 'must have 1 to 64 printable characters');

/** A number in a query. */
export function count(most: number, usual: number) {
  return z
    .string()
    .regex(/^\d{1,6}$/, 'must be a whole number')
    .transform((text) => Math.min(Math.max(1, Number(text)), most))
    .optional()
    .transform((value) => value ?? usual);
}
