export {
  Database,
  type ReplicaState,
  type StoreStats,
  type EntityClass,
  inTransaction,
  type MigrationClass,
  type OpenOptions,
  type TransactionOptions,
} from './store.database.js';
export { migrateDatabase, type MigrateOptions, namesOf, pendingMigrations } from './server.migrate.js';
export { planRevert, type Reversal, revertDatabase } from './server.revert.js';
export { pendingInStore } from './store.pending.js';
export type { Address, Login, ServerOptions } from './server.options.js';
export { AMOUNT, amountColumn } from './store.column.js';
export { DatabaseUnavailable, isUniqueViolation } from './store.errors.js';
export { newId, now, seedId } from './store.ids.js';
export { openDatabase } from './store.open.js';
export { copyStores, examineStore, type StoreCopy } from './store.snapshot.js';
export { lockFile } from './store.connection.js';
export { deleteInBatches } from './store.sweep.js';
export { DatabaseSettings, serverOf } from './database.settings.js';
export { type Grants, grantsFor, type ServiceUser } from './server.grants.js';
export { collationOf } from './server.source.js';
export { schemaDrift } from './store.drift.js';
export { inspectServer, type ReplicaFacts, type ServerFacts } from './server.inspect.js';
