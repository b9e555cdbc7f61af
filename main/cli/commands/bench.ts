import type { Command } from 'commander';
import type { BenchSummary } from '../../trainer/protocol/protocol.ts';
import { runBench, withRandomModel } from '../../services/trainer-jobs/bench.ts';
import { benchFlagDescriptions, readBenchFlags } from '../bench-options.ts';
import type { BenchChoice, BenchFlags } from '../bench-options.ts';
import { benchDocument, benchText } from '../bench-report.ts';
import { addPlainCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupts.ts';
import type { ProgressView } from '../progress-view.ts';
import { spawnTrainer } from '../session.ts';

export const addBenchCommand = (program: Command): void =>
  addPlainCommand<BenchFlags>(program, {
    usage: 'bench',
    description: 'measure the time and memory of training steps on random tokens; the library is left alone',
    options: benchFlagDescriptions,
    run: async ({ progress }, flags) => {
      const choice = readBenchFlags(flags);
      const summary = await measure(choice, progress);
      if (summary === null)
        return { document: { stopped: true }, text: 'Stopped.', exitCode: exitCodes.interrupted };
      return { document: benchDocument(choice, summary), text: benchText(choice, summary) };
    },
  });

const measure = async ({ model, settings }: BenchChoice, progress: ProgressView) => {
  const stopping = new AbortController();
  const handBack = onInterrupt(() => stopping.abort());
  const onDirectory = (modelDirectory: string): Promise<BenchSummary | null> =>
    runBench(
      { modelDirectory, ...settings },
      {
        spawnTrainer,
        signal: stopping.signal,
        onProgress: ({ phase, done, total }) => progress.show({ label: model.name, phase, done, total }),
      },
    );
  try {
    if (model.kind === 'folder') return await onDirectory(model.directory);
    progress.show({ label: model.name, phase: 'drawing weights', done: 0, total: 1 });
    const dtype = settings.base === 'fp32' ? 'F32' : 'BF16';
    return await withRandomModel({ config: model.config, dtype, seed: settings.seed }, onDirectory);
  } finally {
    handBack();
  }
};
