import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { createGenerator } from '../../engine/generation/create-generator.ts';
import { defaultGenerationSettings } from '../../engine/generation/generation-settings.ts';
import type { GenerationRow, Generator } from '../../engine/generation/generator.ts';
import { countParameters, openModel } from '../../engine/models/model.ts';
import { createRandom } from '../../engine/random.ts';
import { accountFor, quickest } from '../../engine/runtime/profile/account.ts';
import type { Profiler } from '../../engine/runtime/profile/profiler.ts';
import type { BenchDecodingSpecification, BenchDecodingSummary } from '../protocol/bench-decoding-schema.ts';
import type { JobContext } from '../protocol/job.ts';
import { median, peakMemory } from './measurements.ts';
import { measureLimits } from './profile/machine-limits.ts';
import { withRecorder } from './profile/profile-steps.ts';

/** Random tokens have no words. */
const wordless = { decode: (ids: readonly number[]) => '.'.repeat(ids.length) } as Tokenizer;

/** Answers a prompt of random tokens, exactly as a question would be answered, and tells what it cost. */
export const benchDecoding = async (
  specification: BenchDecodingSpecification,
  { emit }: JobContext,
): Promise<void> => {
  const { modelDirectory, scratchDirectory, tokens, threads, base, promptTokens, seed } = specification;
  const started = performance.now();
  emit({ type: 'progress', phase: 'loading', done: 0, total: 1 });
  const model = openModel(modelDirectory);
  const open = (watched: { readonly profiler?: Profiler } = {}): Promise<Generator> =>
    createGenerator({
      ...{ model, baseFormat: base, cacheFolder: scratchDirectory, tokenizer: wordless, threads },
      // Nothing ends an answer but its length.
      ...{ arms: [null], endTokens: [], positions: promptTokens + tokens + 1, ...watched },
    });
  const random = createRandom(seed);
  const { vocabularySize } = model.architecture;
  const row: GenerationRow = {
    ids: Array.from({ length: promptTokens }, () => random.integer(vocabularySize)),
    arm: 0,
    settings: { ...defaultGenerationSettings, maximumTokens: tokens },
  };
  const generator = await open();
  const loadSeconds = (performance.now() - started) / 1000;
  await warmUp(generator, row);
  const times = [performance.now()];
  await generator.generate([row], { onToken: () => times.push(performance.now()) });
  const peakMemoryBytes = peakMemory();
  await generator.release();
  const seconds = times.slice(1).map((time, at) => (time - times[at]!) / 1000);
  const [promptSeconds = NaN, ...tokenSeconds] = seconds;
  emit({
    type: 'decoding-benched',
    summary: {
      totalParameters: countParameters(model.weightShapes),
      ...{ loadSeconds, promptSeconds, tokenSeconds, peakMemoryBytes },
      medianTokenSeconds: median(tokenSeconds),
      minimumTokenSeconds: Math.min(...tokenSeconds),
      profile: specification.profile ? await profileAnswer(specification, row, open) : null,
    },
  });
};

/** Memory is touched for the first time. */
const warmUp = (generator: Generator, row: GenerationRow): Promise<unknown> =>
  generator.generate([{ ...row, settings: { ...row.settings, maximumTokens: 4 } }]);

/** The answer once more, watched: each token is a step, and the prompt is the first. */
const profileAnswer = (
  { scratchDirectory, threads }: BenchDecodingSpecification,
  row: GenerationRow,
  open: (watched: { readonly profiler: Profiler }) => Promise<Generator>,
): Promise<BenchDecodingSummary['profile']> =>
  withRecorder(scratchDirectory, async (recorder) => {
    const generator = await open({ profiler: recorder });
    await warmUp(generator, row);
    await recorder.step(() => generator.generate([row], { onToken: recorder.nextStep }));
    await generator.release();
    // What is done after the last token is no token's.
    const last = recorder.steps.length - 1;
    return {
      token: await accountFor(recorder, quickest(recorder.steps, 1, last)),
      prompt: await accountFor(recorder, (step) => step === 0),
      limits: await measureLimits(threads),
    };
  });
