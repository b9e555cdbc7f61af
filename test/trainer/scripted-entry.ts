import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../main/engine/errors.ts';
import type { JobContext } from '../../main/trainer/protocol/job.ts';
import { holdSignals } from '../../main/trainer/process/end-signals.ts';
import { holdMemoryLimit } from '../../main/trainer/process/memory-limit.ts';
import { connectParent } from '../../main/trainer/process/parent-port.ts';
import type { RunEvent, RunSpecification, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { serveJobs, type Jobs } from '../../main/trainer/process/serve-jobs.ts';

interface ScriptContext {
  readonly emit: (event: TrainerEvent | RunEvent) => void;
  readonly shouldStop: JobContext['shouldStop'];
}

/** A real trainer process whose job does what the directory's name of its one run says. */
const scripts: Record<
  string,
  (specification: RunSpecification, context: ScriptContext) => Promise<void> | void
> = {
  loop: async ({ runDirectory }, { emit, shouldStop }) => {
    emit({ type: 'notice', message: `process ${process.pid}` });
    for (let step = 0; ; step++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const stop = shouldStop();
      if (stop === 'cancel') return emit({ type: 'cancelled', step });
      if (stop === 'pause') {
        writeFileSync(join(runDirectory, 'checkpoint'), String(step));
        return emit({ type: 'paused', step, checkpointDirectory: join(runDirectory, 'checkpoint') });
      }
      emit({ type: 'metrics', metrics: [{ step, name: 'train/loss', value: 1 / (step + 1) }] });
    }
  },
  refuse: () => {
    throw new WorkbenchError('no-space', 'no space left on the disk');
  },
  throw: () => {
    throw new TypeError('x is not a function\nand more');
  },
  'throw-later': async () => {
    setTimeout(() => {
      throw new RangeError('out of range');
    }, 5);
    await new Promise(() => undefined);
  },
  silent: () => undefined,
  nonsense: (_, { emit }) =>
    emit({ type: 'metrics', metrics: [{ step: 0, name: 'train/loss', value: NaN }] }),
  rogue: () => void process.send?.({ type: 'notice', message: 3 }),
  abort: () => {
    process.stderr.write('terminate called: bad allocation\n');
    process.abort();
  },
  flood: (_, { emit }) => {
    for (let step = 0; step < 20_000; step++)
      emit({ type: 'metrics', metrics: [{ step, name: 'train/loss', value: step }] });
    emit({ type: 'cancelled', step: 20_000 });
    emit({ type: 'cancelled', step: 20_001 });
  },
};

/** What comes of reading, by what is read. */
const readScripts: Record<string, () => void> = {
  '/hang': () => {
    for (;;);
  },
  '/heap': () => {
    const kept: number[][] = [];
    for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
  },
  '/buffers': () => {
    const kept: Buffer[] = [];
    for (;;) kept.push(Buffer.alloc(1 << 20, 1));
  },
  '/die': () => process.abort(),
  '/refuse': () => {
    throw new WorkbenchError('unsupported', '/refuse: is refused');
  },
};

const jobs: Jobs = {
  train: async ([job], { emit, shouldStop }) => {
    const { run, specification } = job!;
    const script = scripts[specification.runDirectory.split('/').at(-1) ?? ''];
    await script?.(specification, {
      shouldStop: () => shouldStop(run),
      emit: (event) => {
        if (event.type !== 'metrics' && event.type !== 'paused') return emit(event as TrainerEvent);
        emit({ type: 'of-run', run, event });
        if (event.type === 'paused') emit({ type: 'trained' });
      },
    });
  },
  export: ({ destination }, { emit }) => {
    emit({
      type: 'exported',
      summary: {
        destination,
        files: [],
        bytes: 0,
        largestLogitDifference: 0,
        largestLogitDifferenceUnrounded: 0,
        largestLogit: 1,
        promptTokens: 1,
      },
    });
    return Promise.resolve();
  },
  diagnose: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is looked into here')),
  combine: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is added up here')),
  decompose: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is decomposed here')),
  import: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is imported here')),
  bench: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is measured here')),
  'bench-decoding': () => Promise.reject(new WorkbenchError('unsupported', 'nothing is measured here')),
  generate: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is written here')),
  classify: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is looked at here')),
  draw: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is drawn here')),
  fidelity: () => Promise.reject(new WorkbenchError('unsupported', 'no pictures are measured here')),
  score: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is scored here')),
  estimate: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is estimated here')),
  overlap: () => Promise.reject(new WorkbenchError('unsupported', 'no data is read here')),
  survey: async ({ dataset }) => {
    await Promise.resolve(readScripts[dataset.trainFile]?.());
    throw new WorkbenchError('unsupported', 'no data is read here');
  },
  budget: () => Promise.reject(new WorkbenchError('unsupported', 'nothing is counted here')),
  probe: async (device, { emit }) => {
    if (device === 'webgpu') process.kill(process.pid, 'SIGSEGV');
    if (device === 'cuda') for (;;);
    emit({ type: 'probed', seconds: 0.5 });
  },
};

/** In bytes, as they are told. */
const heldBy = { long: 1e9, short: 1e8 };

holdMemoryLimit();
serveJobs(connectParent(), jobs, holdSignals(), ({ question }, emit) => {
  const kind = question.kind === 'model' ? 'long' : 'short';
  readScripts[question.kind === 'model' ? question.directory : '']?.();
  emit({ type: 'read', answer: { kind: 'hashes', hashes: [String(process.pid)] }, memory: heldBy[kind] });
  return Promise.resolve();
});
