import type { Capabilities } from '../../engine.ts';

export const capabilities: Capabilities = {
  clusteredTables: true,
  countingKey: 'integer primary key autoincrement',
  countingColumn: 'integer primary key autoincrement',
  keptKey: 'integer primary key',
  integer: 'integer',
  text: 'text',
  partitions: false,
  manyNodes: false,
  writers: 1,
  worksOfATransaction: 500,
  textHoldsNul: true,
};
