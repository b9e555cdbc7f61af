import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { profileText } from '../../../main/cli/profile-text.ts';
import { writeRandomModel } from '../../../main/engine/models/weights/random-weights.ts';
import { allocatorEnvironment } from '../../../main/trainer/process/allocator-environment.ts';
import { heapFlagsFor } from '../../../main/trainer/process/heap-flags.ts';
import { median, type Measured } from './time-steps.ts';

interface ComparedSteps {
  /** Measures in a process of its own, where it is given --model, and prints one line of JSON. */
  readonly script: string;
  /** Of the random model. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly rounds: number;
  /** The same work with others' tools; its script lies in test/bench. */
  readonly peer: {
    readonly name: string;
    readonly script: string;
    readonly options: readonly string[];
  } | null;
}

const run = promisify(execFile);

/** Measures in turn with the peer, and prints each round and the ratios of medians. */
export const compareSteps = async ({ script, config, rounds, peer }: ComparedSteps): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'nora-step-'));
  try {
    const model = join(folder, 'model');
    mkdirSync(model);
    writeRandomModel({ directory: model, config, dtype: 'F32', seed: 1 });
    const own: Measured[] = [];
    const others: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      const ours = await run(
        process.execPath,
        [...heapFlagsFor({}), script, ...process.argv.slice(2), '--model', model],
        { env: allocatorEnvironment(process.env), maxBuffer: 2 ** 26 },
      );
      const { profile, ...measured } = JSON.parse(ours.stdout) as Measured;
      own.push(measured);
      console.log('ours', measured);
      if (profile)
        console.log(profileText({ ...profile, plainSeconds: measured.minimumStepSeconds, what: 'step' }));
      if (!peer) continue;
      const python = process.env['NORA_PYTHON'] ?? 'python3';
      const theirs = await run(python, [join(import.meta.dirname, '..', peer.script), ...peer.options]);
      others.push(JSON.parse(theirs.stdout) as Measured);
      console.log(peer.name, others.at(-1));
    }
    if (!peer) return;
    const ratio = (of: (one: Measured) => number): string =>
      `${(median(own.map(of)) / median(others.map(of))).toFixed(2)}x`;
    const time = ratio((one) => one.medianStepSeconds);
    const processor = ratio((one) => one.minimumProcessorSeconds);
    const memory = ratio((one) => one.peakMemoryMB);
    console.log(`time ${time}, processor time ${processor}, memory ${memory}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
