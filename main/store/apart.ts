import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

export interface Statement {
  readonly sql: string;
  readonly values?: readonly (string | number | null)[];
  /** Several statements in one text, which give no rows. */
  readonly isScript?: true;
}

/** Rows of a statement that gives some, else an empty list. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/**
 * The thread's whole program. As text, so that it needs no file of its own beside a bundle; it takes SQLite from where this file does.
 */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const Sqlite = require(workerData.sqlite);
const database = new Sqlite(workerData.file, { readonly: workerData.readonly, fileMustExist: true, timeout: 5000 });
try {
  database.pragma('foreign_keys = ON');
  for (const { sql, values, isScript } of workerData.statements) {
    if (isScript) {
      database.exec(sql);
      parentPort.postMessage([]);
      continue;
    }
    const statement = database.prepare(sql);
    if (statement.reader) parentPort.postMessage(statement.all(...values));
    else {
      statement.run(...values);
      parentPort.postMessage([]);
    }
  }
} finally {
  database.close();
}
`;

/**
 * Runs statements one after the other on a connection and a thread of their own: SQLite answers at once or not at all, and to go through a
 * large library takes it seconds, in which this thread does other things.
 * @param file `:memory:` for a database of this call alone
 * @param signal ends it; what a statement has done by then stands
 * @throws SQLite's error, with its code; the signal's reason
 */
export const runApart = async (
  file: string,
  statements: readonly Statement[],
  { readonly = true, signal }: { readonly readonly?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Rows[]> => {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Rows[]>();
  const worker = new Worker(program, {
    eval: true,
    // Flags of this process, such as those of a debugger, are not meant for it.
    execArgv: [],
    workerData: {
      ...{ file, readonly, sqlite: createRequire(import.meta.url).resolve('better-sqlite3') },
      statements: statements.map(({ sql, values = [], isScript }) => ({ sql, values, isScript })),
    },
  });
  const results: Rows[] = [];
  const end = (): void => {
    void worker.terminate();
    reject(signal!.reason as Error);
  };
  signal?.addEventListener('abort', end, { once: true });
  worker.on('message', (rows: Rows) => void results.push(rows));
  worker.on('error', reject);
  worker.on('exit', () => {
    if (results.length === statements.length) resolve(results);
    else reject(new Error('the thread ended before its statements'));
  });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', end);
  }
};
