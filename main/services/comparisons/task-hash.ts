import { sha256OfFile } from '../../engine/formats/file-hash.ts';
import { filesOfTask } from '../../engine/scoring/task-files.ts';
import type { Task } from '../../engine/scoring/task.ts';

const between = ' ';

/** SHA-256 of each file that a task reads, in their order, as one text; null for tasks without files. */
export const hashOfFiles = async (task: Task): Promise<string | null> => {
  const hashes: string[] = [];
  for (const file of filesOfTask(task)) hashes.push(await sha256OfFile(file));
  return hashes.length === 0 ? null : hashes.join(between);
};

/** Each file with its part of that. */
export const hashedFiles = (
  task: Task,
  hash: string,
): { readonly file: string; readonly sha256: string }[] => {
  const hashes = hash.split(between);
  return filesOfTask(task).map((file, index) => ({ file, sha256: hashes[index]! }));
};
