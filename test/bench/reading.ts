/**
 * What importing and previewing large files takes: `node test/bench/reading.ts 100 1000 2000` for files of so many megabytes, which are
 * written to the system's temporary folder and removed. Memory is the reader's at its peak, where the system tells (Linux).
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkbench } from '../../main/services/workbench.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';
import { watchLoop } from '../services/reading/loop-watch.ts';
import { root } from '../support/paths.ts';

const sizes = process.argv.slice(2).map(Number);
const directory = mkdtempSync(join(tmpdir(), 'nora-reading-'));
const sea = 'the whale and the sea were one thing to Ishmael that day '.repeat(200);

const writeRows = (path: string, megabytes: number): void => {
  const file = openSync(path, 'w');
  let row = 0;
  for (let written = 0; written < megabytes * 1e6;) {
    const rows = Array.from({ length: 2000 }, () => {
      const start = (row * 37) % 2000;
      return `${JSON.stringify({ id: row++, text: sea.slice(start, start + 360) })}\n`;
    });
    written += writeSync(file, rows.join(''));
  }
  closeSync(file);
};

/** Of this process's children, in megabytes; NaN where the system does not tell. */
const peakOfChildren = (): number => {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const peaks = children.map((pid) => /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')));
    return Math.max(...peaks.map((peak) => Number(peak?.[1] ?? 0) / 1e3));
  } catch {
    return Number.NaN;
  }
};

const timed = async (work: () => unknown): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const workbench = createWorkbench({
  dataDirectory: join(directory, 'data'),
  sampleDirectory: join(root, 'main/sample'),
  version: 'bench',
  spawnTrainer: spawnChildTrainer(join(root, 'main/trainer/entry.ts')),
});
const watch = watchLoop();
const results = [];
try {
  for (const megabytes of sizes) {
    const name = `rows-${megabytes}`;
    const trainFile = join(directory, `${name}.jsonl`);
    writeRows(trainFile, megabytes);
    await watch.longestBlock();
    let memory = 0;
    const sampling = setInterval(() => {
      const peak = peakOfChildren();
      if (!(peak <= memory)) memory = peak;
    }, 50);
    const imported = await timed(() => workbench.datasets.import({ trainFile }));
    clearInterval(sampling);
    const { trainRows } = workbench.datasets.show({ id: name });
    const seen = {
      id: name,
      modelId: 'sample',
      sequenceLength: 256,
      lossOn: 'completion',
      count: 5,
    } as const;
    const preview = (firstRow: number): Promise<number> =>
      timed(() => workbench.datasets.preview({ ...seen, date: '2026-01-01', firstRow }));
    results.push({
      MB: Math.round(statSync(trainFile).size / 1e6),
      rows: trainRows,
      'import (s)': Number((imported / 1000).toFixed(1)),
      'reader (MB)': Math.round(memory),
      'first preview (ms)': Math.round(await preview(0)),
      'next preview (ms)': Math.round(await preview(0)),
      'preview of the last rows (ms)': Math.round(await preview(trainRows - 2000)),
      'longest block (ms)': Math.round(await watch.longestBlock()),
    });
    rmSync(trainFile);
  }
  console.table(results);
} finally {
  watch.end();
  await workbench.close();
  rmSync(directory, { recursive: true, force: true });
}
