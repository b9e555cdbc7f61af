import { basename } from 'node:path';
import { comparisonDefinitionSchema } from '../api/contract.ts';
import type { ComparisonDefinition } from '../api/contract.ts';
import { readText } from '../engine/formats/json-text.ts';
import { check } from '../engine/problems.ts';
import { parseDefinition } from './definition-file.ts';
import { withFilesBeside } from './tasks-file.ts';

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
  return {
    ...definition,
    tasks: definition.tasks.map((task) => withFilesBeside(task, path)),
  };
};
