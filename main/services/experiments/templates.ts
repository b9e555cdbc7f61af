import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { makeFolderForGroup } from '../../engine/formats/group-rights.ts';
import type { Store } from '../../store/store.ts';
import type { ExperimentTemplate } from '../shared/entities.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import { slugOf } from '../shared/names.ts';
import { readExperimentFile, writeExperiment } from './experiment-file.ts';
import { namedDefinition } from './named-definition.ts';

const extension = '.yaml';

/** The names of the files, without their ends. */
const idsIn = (directory: string): string[] =>
  (existsSync(directory) ? readdirSync(directory) : [])
    .filter((file) => file.endsWith(extension) && !file.startsWith('.'))
    .map((file) => file.slice(0, -extension.length));

/**
 * Definitions that a person keeps to start from: files like any other experiment's, in a folder of the data directory, so that they can be
 * read, changed and handed on without the workbench.
 */
export const createTemplatesService = (store: Store, dataDirectory: string) => {
  const directory = join(dataDirectory, 'templates');
  const fileOf = (id: string): string => join(directory, `${id}${extension}`);

  /** One that can't be read stands in the list with its reason: it is a file of the person's. */
  const read = (id: string): ExperimentTemplate => {
    try {
      const definition = readExperimentFile(fileOf(id));
      return { id, name: definition.name, definition, problem: null };
    } catch (error) {
      if (!(error instanceof WorkbenchError)) throw error;
      return { id, name: id, definition: null, problem: error.message };
    }
  };

  return {
    list: () =>
      idsIn(directory)
        .map(read)
        .toSorted((a, b) => a.name.localeCompare(b.name)),
    save: ({ definition }) => {
      const id = slugOf(definition.name);
      if (existsSync(fileOf(id)))
        throw new WorkbenchError(
          'conflict',
          `there is a template "${read(id).name}" already; choose another name`,
        );
      makeFolderForGroup(directory);
      writeFileWhole(fileOf(id), writeExperiment(namedDefinition(store, definition)));
      return read(id);
    },
    remove: ({ id }) => {
      // Only what is listed: an id is no path.
      if (!idsIn(directory).includes(id))
        throw new WorkbenchError('not-found', `there is no template "${id}"`);
      rmSync(fileOf(id));
      return {};
    },
  } satisfies WorkbenchMethods['templates'];
};
