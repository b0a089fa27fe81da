import type { Database } from './store.database.js';

/** The statements that would make the tables what the entities say; none when entities and migrations agree. */
export async function schemaDrift(database: Database): Promise<string[]> {
  const { upQueries } = await database.manager.dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}
