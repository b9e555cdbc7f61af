import type { ExperimentDefinitionInput } from '../../../main/api/contract.ts';
import type { FakeServer } from './fake-server.ts';

/** As people write them: to remember everything about a run, and without a space where a line could break. */
export const longName =
  'NoRA with every setting in its name to remember it by_outer-64_inner-16_lr-2e-4_warmup-100_seed-1_second-try';

/** An experiment of many runs, or of one with a name that is too long for any place, made behind the window's back. */
export const createExperiment = async (
  { router }: FakeServer,
  names: readonly string[],
  training: ExperimentDefinitionInput['training'] = { steps: 4 },
): Promise<string> => {
  const definition: ExperimentDefinitionInput = {
    version: 1,
    name: 'An experiment whose name is as long as people make names when nothing stops them',
    model: 'sample-llama',
    dataset: 'sea-questions',
    seed: 1,
    training,
    configurations: names.map((name, index) => ({
      name,
      adapter:
        index % 2 === 0
          ? { method: 'lora', rank: 8 + index }
          : { method: 'nora', outerRank: 64, innerRank: 16 },
    })),
  };
  const made = await router.call('experiments.create', { definition });
  if (!made.ok) throw new Error(made.error.message);
  const { id } = made.result as { id: string };
  const started = await router.call('experiments.start', { id });
  if (!started.ok) throw new Error(started.error.message);
  return id;
};
