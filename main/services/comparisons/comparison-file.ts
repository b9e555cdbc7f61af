import { basename, dirname } from 'node:path';
import { readText } from '../../engine/formats/json-text.ts';
import { check } from '../../engine/problems.ts';
import { withFiles } from '../../engine/scoring/task-files.ts';
import type { Task } from '../../engine/scoring/task.ts';
import { checkWithPresets } from '../experiments/presets/spell-out-presets.ts';
import { parseDefinition } from '../shared/definition-file.ts';
import { givenSource } from '../shared/given-path.ts';
import { comparisonDefinitionSchema, type ComparisonDefinition } from './definition.ts';

/**
 * A comparison as a YAML file has it. Files that it names are looked for beside it.
 * @throws WorkbenchError naming file, line and field
 */
export const readComparisonFile = (path: string): ComparisonDefinition => {
  const { value: definition } = parseDefinition(
    (given) => checkWithPresets(given, 'arms', (spelledOut) => check(comparisonDefinitionSchema, spelledOut)),
    readText(path),
    basename(path),
  );
  return {
    ...definition,
    tasks: definition.tasks.map((task) => withFilesBeside(task, path)),
  };
};

/** A task of a YAML file, its own files looked for beside that one. */
export const withFilesBeside = (task: Task, path: string): Task =>
  withFiles(task, (file) => givenSource(file, `${basename(path)}: task "${task.name}"`, dirname(path)));
