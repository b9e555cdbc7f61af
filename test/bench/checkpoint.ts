/** `node test/bench/checkpoint.ts [MILLIONS]`: what a checkpoint of so many million trained numbers takes, and what its sums and reading back are of that. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDirectoryWhole } from '../../main/engine/formats/atomic-file.ts';
import { writeSafetensors } from '../../main/engine/formats/safetensors.ts';
import { checkCheckpoint, writeCheckpoint } from '../../main/engine/train/checkpoint.ts';
import { checkpointOf } from '../support/checkpoint.ts';

const millions = Number(process.argv[2] ?? 10);
const directory = mkdtempSync(join(tmpdir(), 'nora-bench-checkpoint-'));
const numbers = (): Float32Array => new Float32Array(millions * 1e6).fill(0.5);
const { progress, startSeal } = checkpointOf(1);
const state = { step: 1, parameters: numbers(), firstMoment: numbers(), secondMoment: numbers() };
const repeats = 5;

/** Lowest of some: whatever else the machine does only adds. */
const lowest = async (work: (at: string) => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const at = join(directory, `${repeat}`);
    const began = performance.now();
    await work(at);
    times.push(performance.now() - began);
  }
  return Math.min(...times);
};
const clear = (): void => {
  for (let repeat = 0; repeat < repeats; repeat++)
    rmSync(join(directory, `${repeat}`), { recursive: true, force: true });
};

const plain = await lowest((at) =>
  writeDirectoryWhole(at, (temporary) =>
    writeSafetensors(
      join(temporary, 'state.safetensors'),
      (['parameters', 'firstMoment', 'secondMoment'] as const).map((name) => ({
        name,
        dtype: 'F32',
        shape: [state[name].length],
        data: state[name],
      })),
    ),
  ),
);
clear();
const sealed = await lowest((at) => writeCheckpoint(at, { state, progress, startSeal }));
const checked = await lowest(checkCheckpoint);
rmSync(directory, { recursive: true, force: true });

const text = (milliseconds: number): string => `${milliseconds.toFixed(0)} ms`;
console.log(`${millions} million numbers trained, ${(millions * 12).toFixed(0)} MB:`);
console.log(`  written and synced, without sums          ${text(plain)}`);
console.log(`  written and synced, with sums, read back  ${text(sealed)}`);
console.log(`  checked before a run goes on from it      ${text(checked)}`);
