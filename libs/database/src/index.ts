export {
  Database,
  inTransaction,
  isUniqueViolation,
  type StoreStats,
  type TransactionOptions,
} from './store.database.js';
export { openDatabase, type OpenOptions } from './store.embedded.js';
export { newId, now, seedId } from './store.ids.js';
