import type { DatabaseConnection, Driver } from 'kysely';

/**
 * Kysely's driver on one connection that is there already. It neither opens nor closes it, and begins no
 * transaction: the engine does, since the hot statements share the connection.
 */
export function driverOn(connection: DatabaseConnection): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: noTransactions,
    commitTransaction: noTransactions,
    rollbackTransaction: noTransactions,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
}

async function noTransactions(): Promise<void> {
  throw new Error('transactions are begun by the engine');
}
