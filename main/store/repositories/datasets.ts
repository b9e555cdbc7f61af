import type { Database } from 'better-sqlite3';
import type { DataFormat } from '../../engine/data/pictures/pictures-format.ts';
import type { SeparatorName } from '../../engine/data/records/separators.ts';
import { byIdOrName, mapTable } from '../table-mapping.ts';

export interface DatasetRecord {
  readonly id: string;
  readonly name: string;
  /** Absolute, symbolic links resolved; so is the validation file. Of pictures the folder, table or split. */
  readonly trainFile: string;
  readonly validationFile: string | null;
  /** Of the content at import, in hexadecimal: a run on a file that changed since is refused. */
  readonly trainSha256: string;
  readonly validationSha256: string | null;
  /** What stands between the fields of each file; null where it is no CSV, and of data imported before it was kept. */
  readonly trainSeparator: SeparatorName | null;
  readonly validationSeparator: SeparatorName | null;
  /** What the columns were taken for; null where a person said which to use. */
  readonly form: string | null;
  readonly format: DataFormat;
  readonly columns: string[];
  readonly trainRows: number;
  readonly validationRows: number | null;
  readonly bytes: number;
  readonly builtIn: boolean;
  readonly createdAt: string;
}

export const datasetRepository = (database: Database) => {
  const table = mapTable<DatasetRecord>(database, 'datasets', {
    id: 'plain',
    name: 'plain',
    trainFile: 'plain',
    validationFile: 'plain',
    trainSha256: 'plain',
    validationSha256: 'plain',
    trainSeparator: 'plain',
    validationSeparator: 'plain',
    form: 'plain',
    format: 'json',
    columns: 'json',
    trainRows: 'plain',
    validationRows: 'plain',
    bytes: 'plain',
    builtIn: 'flag',
    createdAt: 'plain',
  });
  return {
    insert: table.insert,
    update: table.update,
    list: () => table.select('ORDER BY built_in DESC, rowid'),
    find: (idOrName: string) => table.select(`${byIdOrName} LIMIT 1`, { key: idOrName })[0],
    remove: (id: string) => void database.prepare('DELETE FROM datasets WHERE id = ?').run(id),
  };
};
