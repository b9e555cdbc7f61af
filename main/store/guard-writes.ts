import type { Database, Statement } from 'better-sqlite3';

const calls = ['run', 'get', 'all', 'iterate'] as const;

/** From now on every statement that writes asks first, on this connection. Those that only read don't. */
export const guardWrites = (database: Database, assertAllowed: () => void): void => {
  const prepare = database.prepare.bind(database) as (sql: string) => Statement;
  const prepareGuarded = (sql: string): Statement => {
    const statement = prepare(sql);
    if (statement.readonly) return statement;
    for (const name of calls) {
      const call = statement[name].bind(statement) as (...values: unknown[]) => unknown;
      Object.defineProperty(statement, name, {
        value: (...values: unknown[]) => {
          assertAllowed();
          return call(...values);
        },
      });
    }
    return statement;
  };
  Object.defineProperty(database, 'prepare', { value: prepareGuarded });
};
