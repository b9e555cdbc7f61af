import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBackup } from '../../../main/services/backups/open-backup.ts';
import { verifyBackup } from '../../../main/services/backups/verify-backup.ts';
import { restoreLibrary } from '../../../main/services/backups/restore.ts';
import { createWorkbench, type Workbench } from '../../../main/services/workbench.ts';
import { watchLoop, type LoopWatch } from './loop-watch.ts';

/** In milliseconds, as for files that are read. */
const longestBlock = 50;
const folders = 100;
const filesOfFolder = 100;

const directory = mkdtempSync(join(tmpdir(), 'nora-many-'));
const path = (...names: string[]): string => join(directory, ...names);
const work = { signal: new AbortController().signal, onProgress: () => undefined };
let workbench: Workbench;
let watch: LoopWatch;

beforeAll(() => {
  workbench = createWorkbench({
    dataDirectory: path('data'),
    sampleDirectory: null,
    version: '0.0.0',
    spawnTrainer: () => {
      throw new Error('nothing is trained here');
    },
  });
  for (let folder = 0; folder < folders; folder++) {
    const place = path('data', 'exports', `a-model-of-many-shards-${folder}`);
    mkdirSync(place, { recursive: true });
    // Every other file is empty: nothing is read of those.
    for (let file = 0; file < filesOfFolder; file++)
      writeFileSync(join(place, `shard-${file}`), file % 2 === 0 ? '' : `${file}`);
  }
  watch = watchLoop();
}, 120_000);
afterAll(async () => {
  watch.end();
  await workbench.close();
  rmSync(directory, { recursive: true, force: true });
});

test.each<[string, () => Promise<unknown>]>([
  ['backing up', () => workbench.backups.create({ targetPath: path('saved.tar') })],
  ['opening a backup of', () => openBackup(path('saved.tar'))],
  ['verifying a backup of', () => verifyBackup(path('saved.tar'), work)],
  ['restoring', () => restoreLibrary(path('saved.tar'), path('restored'), work)],
])('%s 10,000 files keeps nobody waiting', { timeout: 240_000 }, async (_, run) => {
  await watch.longestBlock();
  await run();
  expect(await watch.longestBlock()).toBeLessThan(longestBlock);
});
