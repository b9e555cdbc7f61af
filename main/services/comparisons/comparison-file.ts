import { basename, dirname, resolve } from 'node:path';
import { readText } from '../../engine/formats/json-text.ts';
import { check } from '../../engine/problems.ts';
import { withFiles } from '../../engine/scoring/task-files.ts';
import { parseDefinition } from '../shared/definition-file.ts';
import { comparisonDefinitionSchema, type ComparisonDefinition } from './definition.ts';

/**
 * A comparison as a YAML file has it. Files that it names are looked for beside it.
 * @throws WorkbenchError naming file, line and field
 */
export const readComparisonFile = (path: string): ComparisonDefinition => {
  const { value: definition } = parseDefinition(
    (given) => check(comparisonDefinitionSchema, given),
    readText(path),
    basename(path),
  );
  const beside = dirname(resolve(path));
  return {
    ...definition,
    tasks: definition.tasks.map((task) => withFiles(task, (file) => resolve(beside, file))),
  };
};
