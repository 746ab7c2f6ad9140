import type { Dialect } from './dialect.ts';
import { messagemedia } from './messagemedia/index.ts';
import { mobilemessage } from './mobilemessage/index.ts';
import { mobtexting } from './mobtexting/index.ts';
import { smsgate } from './smsgate/index.ts';
import { smsmobileapi } from './smsmobileapi/index.ts';

/** All dialects, one line each. */
export const dialects: readonly Dialect[] = [
  mobilemessage,
  messagemedia,
  smsmobileapi,
  smsgate,
  mobtexting,
];
