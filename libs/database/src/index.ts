export {
  Database,
  type StoreStats,
  type EntityClass,
  inTransaction,
  isUniqueViolation,
  type MigrationClass,
  type OpenOptions,
  type TransactionOptions,
} from './store.database.js';
export { newId, now, seedId } from './store.ids.js';
export { openDatabase } from './store.open.js';
