import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256OfFile } from '../../../main/engine/formats/file-hash.ts';
import { taskSchema } from '../../../main/engine/scoring/task.ts';
import { hashedFiles, hashOfFiles } from '../../../main/services/comparisons/task-hash.ts';
import { root } from '../../support/paths.ts';

const file = join(root, 'test/engine/scoring/fixtures/arc_easy.jsonl');
const examples = join(root, 'test/engine/scoring/fixtures/few-shot.arc_easy.jsonl');

test.each([
  ['its rows', {}, [file]],
  ['its rows and its examples', { examples: { file: examples, count: 2 } }, [file, examples]],
])('a task is known by the hashes of %s', async (_, more, files) => {
  const task = taskSchema.parse({ kind: 'choices', name: 'arc', file, ...more });
  const hash = (await hashOfFiles(task))!;
  const expected = await Promise.all(
    files.map(async (each) => ({ file: each, sha256: await sha256OfFile(each) })),
  );
  expect(hashedFiles(task, hash)).toEqual(expected);
});

test('a task without files has none', async () => {
  expect(await hashOfFiles(taskSchema.parse({ kind: 'held-out', name: 'held-out' }))).toBeNull();
});
