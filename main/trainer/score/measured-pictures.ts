import { join } from 'node:path';
import { hash } from 'node:crypto';

/** Where the pictures lie that a subject drew for a task: names of tasks may hold what names of folders may not. */
export const measuredPicturesIn = (directory: string, task: string): string =>
  join(directory, 'drawn', hash('sha256', task).slice(0, 16));
