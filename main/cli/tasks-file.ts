import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { readText } from '../engine/formats/json-text.ts';
import { check } from '../engine/problems.ts';
import { withFiles } from '../engine/scoring/task-files.ts';
import { taskSchema, type Task } from '../engine/scoring/task.ts';
import { parseDefinition } from './definition-file.ts';
import { givenSource } from './given-path.ts';

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

/** A task of a YAML file, its own files looked for beside that one. */
export const withFilesBeside = (task: Task, path: string): Task =>
  withFiles(task, (file) => givenSource(file, `${basename(path)}: task "${task.name}"`, dirname(path)));
