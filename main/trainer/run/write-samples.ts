import { hashesByPath } from '../../engine/formats/model-identity.ts';
import { createGenerator } from '../../engine/generation/create-generator.ts';
import { defaultGenerationSettings } from '../../engine/generation/generation-settings.ts';
import type { GeneratedRow } from '../../engine/generation/generator.ts';
import type { SampleSettings } from '../../engine/train/settings/sample-settings.ts';
import type { RunInProgress } from './run-in-progress.ts';
import { trainedValues } from './trained-values.ts';

/**
 * What the adapter as it is now answers to the run's prompts, reported. It reads the trainer's state and draws from numbers of its own, so
 * that training goes on as if nothing had been written; the seconds count apart.
 */
export const writeSamples = async (run: RunInProgress): Promise<void> => {
  const { specification, prepared, trainer, journal, emit } = run;
  const { samples } = specification.training;
  const { samplePrompts: prompts } = prepared;
  if (samples === null || prompts.length === 0) return;
  const began = performance.now();
  const rows = await answers(run, samples);
  journal.noteSamples((performance.now() - began) / 1000);
  emit({
    type: 'samples',
    step: trainer.stepsDone(),
    samples: rows.map(({ text, finish, ids }, position) => {
      const { text: prompt, expected } = prompts[position]!;
      return { position, prompt, expected, text, finish, tokens: ids.length };
    }),
  });
};

const answers = async (
  { specification, prepared, trainer, report }: RunInProgress,
  { maximumTokens, temperature, seed }: SampleSettings,
): Promise<GeneratedRow[]> => {
  const { modelDirectory, modelFiles = [], cacheDirectory, training } = specification;
  const { model, tokenizer, adapter, trainedWeights, samplePrompts: prompts } = prepared;
  const total = prompts.length * maximumTokens;
  await report('sampling', 0, total);
  const { parameters } = await trainer.state();
  const generator = await createGenerator({
    model,
    tokenizer,
    arms: [{ ...adapter, values: trainedValues(trainer.layout, parameters, adapter), trainedWeights }],
    threads: training.threads,
    hashes: hashesByPath(modelDirectory, modelFiles),
    positions: Math.max(...prompts.map(({ ids }) => ids.length)) + maximumTokens,
    ...(cacheDirectory === null ? {} : { cacheFolder: cacheDirectory }),
  });
  const giveUp = new AbortController();
  let written = 0;
  try {
    const settings = { ...defaultGenerationSettings, temperature, seed, maximumTokens };
    const rows = await generator.generate(
      prompts.map(({ ids }) => ({ ids, arm: 0, settings })),
      {
        signal: giveUp.signal,
        onToken: () => void report('sampling', ++written, total).catch(() => giveUp.abort()),
      },
    );
    await report('sampling', total, total); // throws where the run was cancelled
    return rows;
  } finally {
    await generator.release();
  }
};
