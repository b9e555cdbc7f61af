import type { Database } from 'better-sqlite3';
import type { ModelFile } from '../../engine/formats/model-file-schema.ts';
import type { DrawnSides } from '../../engine/models/drawn-sides.ts';
import type { LayerRole } from '../../engine/models/architecture.ts';
import type { ObjectiveName } from '../../engine/objective-names.ts';
import { byIdOrName, mapTable } from '../table-mapping.ts';

export interface ModelRecord {
  readonly id: string;
  readonly name: string;
  /** Absolute, symbolic links resolved. */
  readonly directory: string;
  readonly architecture: string;
  readonly objective: ObjectiveName;
  readonly parameters: number;
  readonly dtype: string;
  readonly bytes: number;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly maximumPositions: number;
  readonly targetModules: {
    name: string;
    count: number;
    outFeatures: number;
    inFeatures: number;
    role?: LayerRole;
  }[];
  readonly hasChatTemplate: boolean;
  readonly classifier: { classNames: string[] | null; headModules: string[]; newModules: string[] } | null;
  /** Of a model that draws; null for others, and for what came into the library before it was kept, until it is described again. */
  readonly drawnSides: DrawnSides | null;
  /** What its files held at import; null where it came into the library before that was kept, until it is first used. */
  readonly identity: readonly ModelFile[] | null;
  /** What a person should know of its files. */
  readonly notices: string[];
  readonly builtIn: boolean;
  readonly createdAt: string;
}

export const modelRepository = (database: Database) => {
  const table = mapTable<ModelRecord>(database, 'models', {
    id: 'plain',
    name: 'plain',
    directory: 'plain',
    architecture: 'plain',
    objective: 'plain',
    parameters: 'plain',
    dtype: 'plain',
    bytes: 'plain',
    layers: 'plain',
    hiddenSize: 'plain',
    vocabularySize: 'plain',
    maximumPositions: 'plain',
    targetModules: 'json',
    hasChatTemplate: 'flag',
    classifier: 'json',
    drawnSides: 'json',
    identity: 'json',
    notices: 'json',
    builtIn: 'flag',
    createdAt: 'plain',
  });
  return {
    insert: table.insert,
    update: table.update,
    list: () => table.select('ORDER BY built_in DESC, rowid'),
    find: (idOrName: string) => table.select(`${byIdOrName} LIMIT 1`, { key: idOrName })[0],
    remove: (id: string) => void database.prepare('DELETE FROM models WHERE id = ?').run(id),
  };
};
