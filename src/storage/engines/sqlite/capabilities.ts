import type { Capabilities } from '../../engine.ts';

export const capabilities: Capabilities = {
  clusteredTables: true,
  countingKey: 'integer primary key autoincrement',
  integer: 'integer',
  textHoldsNul: true,
};
