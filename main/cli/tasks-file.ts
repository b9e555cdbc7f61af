import { basename } from 'node:path';
import { z } from 'zod';
import { readText } from '../engine/formats/json-text.ts';
import { check } from '../engine/problems.ts';
import { taskSchema, type Task } from '../engine/scoring/task.ts';
import { withFilesBeside } from '../services/comparisons/comparison-file.ts';
import { parseDefinition } from '../services/shared/definition-file.ts';

/** What else a comparison's file says is passed over. */
const tasksFileSchema = z.object({ tasks: z.array(taskSchema).min(1) });

/**
 * The tasks of a YAML file, in the shape that a comparison's file has. Files that it names are looked for beside it.
 * @throws WorkbenchError naming file, line and field
 */
export const readTasksFile = (path: string): Task[] => {
  const { value } = parseDefinition((given) => check(tasksFileSchema, given), readText(path), basename(path));
  return value.tasks.map((task) => withFilesBeside(task, path));
};
