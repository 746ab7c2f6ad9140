import type { Dialect } from './dialect.ts';
import { mobilemessage } from './mobilemessage/index.ts';

/** All dialects, one line each. */
export const dialects: readonly Dialect[] = [mobilemessage];
