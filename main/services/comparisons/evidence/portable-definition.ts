import { dirname, relative, sep } from 'node:path';
import type { Task } from '../../../engine/scoring/task.ts';
import type { ComparisonDefinition } from '../definition.ts';

/**
 * A definition as it can be handed on: files of tasks are named from the folder that has all of them, which is where the definition's own file
 * is to lie. Which files they were, their hashes say; the folders of whoever made the comparison are nobody's business.
 */
export const portableDefinition = (definition: ComparisonDefinition): ComparisonDefinition => {
  const files = definition.tasks.flatMap((task) => fileOf(task) ?? []);
  const folder = commonFolder(files.map(dirname));
  const portable = (file: string): string => relative(folder, file).split(sep).join('/');
  return {
    ...definition,
    tasks: definition.tasks.map((task) => {
      const file = fileOf(task);
      return file === null ? task : ({ ...task, file: portable(file) } as Task);
    }),
  };
};

const fileOf = (task: Task): string | null => ('file' in task ? (task.file ?? null) : null);

const commonFolder = (folders: readonly string[]): string => {
  const [first = [], ...others] = folders.map((folder) => folder.split(sep));
  const differs = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  return (differs === -1 ? first : first.slice(0, differs)).join(sep) || sep;
};
