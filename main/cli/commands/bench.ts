import type { Command } from 'commander';
import {
  runBench,
  runDecodingBench,
  withRandomModel,
  type BenchOptions,
} from '../../services/trainer-jobs/bench.ts';
import { benchFlagDescriptions, readBenchFlags, readDecodingFlags } from '../bench-options.ts';
import type { BenchChoice, BenchFlags } from '../bench-options.ts';
import { benchDocument, benchText } from '../bench-report.ts';
import { addPlainCommand, type Outcome } from '../command.ts';
import { decodingDocument, decodingText } from '../decoding-report.ts';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupts.ts';
import type { ProgressView } from '../progress-view.ts';
import { spawnTrainer } from '../session.ts';

export const addBenchCommand = (program: Command): void =>
  addPlainCommand<BenchFlags>(program, {
    usage: 'bench',
    description: 'measure the time and memory of training steps on random tokens; the library is left alone',
    options: benchFlagDescriptions,
    run: ({ progress }, flags) => (flags.decode ? decoding(flags, progress) : training(flags, progress)),
  });

const training = async (flags: BenchFlags, progress: ProgressView): Promise<Outcome> => {
  const choice = readBenchFlags(flags);
  const { settings } = choice;
  const summary = await measure(choice, progress, (modelDirectory, options) =>
    runBench({ modelDirectory, ...settings }, options),
  );
  return summary === null
    ? stopped
    : { document: benchDocument(choice, summary), text: benchText(choice, summary) };
};

const decoding = async (flags: BenchFlags, progress: ProgressView): Promise<Outcome> => {
  const choice = readDecodingFlags(flags);
  const { settings } = choice;
  const summary = await measure(choice, progress, (modelDirectory, options) =>
    runDecodingBench({ modelDirectory, ...settings }, options),
  );
  return summary === null
    ? stopped
    : { document: decodingDocument(choice, summary), text: decodingText(choice, summary) };
};

const stopped: Outcome = { document: { stopped: true }, text: 'Stopped.', exitCode: exitCodes.interrupted };

/** Takes a measurement on the model that was chosen; null where it was stopped. */
const measure = async <Summary>(
  {
    model,
    settings: { base, seed },
  }: Pick<BenchChoice, 'model'> & {
    readonly settings: Pick<BenchChoice['settings'], 'base' | 'seed'>;
  },
  progress: ProgressView,
  run: (modelDirectory: string, options: BenchOptions) => Promise<Summary | null>,
): Promise<Summary | null> => {
  const stopping = new AbortController();
  const handBack = onInterrupt(() => stopping.abort());
  const onDirectory = (modelDirectory: string): Promise<Summary | null> =>
    run(modelDirectory, {
      spawnTrainer,
      signal: stopping.signal,
      onProgress: ({ phase, done, total }) => progress.show({ label: model.name, phase, done, total }),
    });
  try {
    if (model.kind === 'folder') return await onDirectory(model.directory);
    progress.show({ label: model.name, phase: 'drawing weights', done: 0, total: 1 });
    const dtype = base === 'fp32' ? 'F32' : 'BF16';
    return await withRandomModel({ config: model.config, dtype, seed }, onDirectory);
  } finally {
    handBack();
  }
};
