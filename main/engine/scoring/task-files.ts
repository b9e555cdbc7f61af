import type { Task } from './task.ts';

/** The files that a task reads, its own first; none where rows are held out from the data. Pure. */
export const filesOfTask = (task: Task): string[] => {
  const own = 'file' in task && task.file !== null ? [task.file] : [];
  return 'examples' in task && task.examples !== null ? [...own, task.examples.file] : own;
};

/** The task with each of its files under another path. */
export const withFiles = (task: Task, pathOf: (file: string) => string): Task => {
  if (!('file' in task) || task.file === null) return task;
  const file = pathOf(task.file);
  if (!('examples' in task) || task.examples === null) return { ...task, file };
  return { ...task, file, examples: { ...task.examples, file: pathOf(task.examples.file) } };
};
