import { dirname, resolve } from 'node:path';
import { comparisonDefinitionSchema } from '../api/contract.ts';
import type { ComparisonDefinition } from '../api/contract.ts';
import { readDefinitionFile } from './definition-file.ts';

/**
 * A comparison as a YAML file has it. Files that it names are looked for beside it.
 * @throws WorkbenchError naming file, line and field
 */
export const readComparisonFile = (path: string): ComparisonDefinition => {
  const definition = readDefinitionFile(comparisonDefinitionSchema, path);
  const beside = dirname(resolve(path));
  return {
    ...definition,
    tasks: definition.tasks.map((task) =>
      'file' in task && task.file !== null ? { ...task, file: resolve(beside, task.file) } : task,
    ),
  };
};
