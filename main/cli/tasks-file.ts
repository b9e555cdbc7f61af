import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { readText } from '../engine/formats/json-text.ts';
import { check } from '../engine/problems.ts';
import { withFiles } from '../engine/scoring/task-files.ts';
import { taskSchema, type Task } from '../engine/scoring/task.ts';
import { parseDefinition } from '../services/shared/definition-file.ts';

/** What else a comparison's file says is passed over. */
const tasksFileSchema = z.object({ tasks: z.array(taskSchema).min(1) });

/**
 * The tasks of a YAML file, in the shape that a comparison's file has. Files that it names are looked for beside it.
 * @throws WorkbenchError naming file, line and field
 */
export const readTasksFile = (path: string): Task[] => {
  const { value } = parseDefinition((given) => check(tasksFileSchema, given), readText(path), basename(path));
  const beside = dirname(resolve(path));
  return value.tasks.map((task) => withFiles(task, (file) => resolve(beside, file)));
};
