import type { z } from 'zod';
import { withFiles } from '../../engine/scoring/task-files.ts';
import { taskSchema, type Task } from '../../engine/scoring/task.ts';
import { sourcePath } from '../shared/absolute-path.ts';

/** A task whose files are found wherever the workbench was started. */
export const taskRequestSchema = taskSchema
  .overwrite((task) => withFiles(task, (file) => sourcePath.safeParse(file).data ?? file))
  .superRefine((task, context) => {
    const examples = 'examples' in task ? task.examples : null;
    for (const [path, file] of [
      [['file'], 'file' in task ? task.file : null],
      [['examples', 'file'], examples?.file ?? null],
    ] as const) {
      if (file === null || file === '') continue; // said already where it may not be
      const [issue] = sourcePath.safeParse(file).error?.issues ?? [];
      if (issue !== undefined) context.addIssue({ code: 'custom', path: [...path], message: issue.message });
    }
  }) satisfies z.ZodType<Task>;
