import type { Capabilities } from '../../engine.ts';

export const capabilities: Capabilities = {
  clusteredTables: false,
  countingKey: 'bigserial primary key',
  countingColumn: 'bigserial not null',
  keptKey: 'bigserial primary key',
  integer: 'bigint',
  text: 'text collate "C"',
  partitions: true,
  manyNodes: true,
  // As many kinds of hot writes as a node has (accept, hand-over, answers, receipts, notifications): each
  // kind merges its callers and has one transaction under way.
  writers: 6,
  worksOfATransaction: 1,
  textHoldsNul: false,
};
