import type { Experiment, MemoryReport } from '../api/contract.ts';
import type { CommandContext } from './command.ts';
import { bytesText } from './quantities.ts';

/** A line on what the experiment's runs are expected to take, of those that are still to be trained. */
export const tellMemory = async (
  { call, progress }: Pick<CommandContext, 'call' | 'progress'>,
  { definition, modelId, datasetId, runs }: Experiment,
  open: ReadonlySet<string>,
): Promise<void> => {
  const configurations = runs.filter(({ id }) => open.has(id)).map(({ configuration }) => configuration);
  const subject = { ...definition, model: modelId, dataset: datasetId, configurations };
  try {
    const report = await call('experiments.estimate', { definition: subject });
    if (report !== null) progress.note(memoryText(report));
  } catch (error) {
    // What is wrong with the model or its settings is told again, in full, by the run itself.
    progress.note(`Memory: not estimated: ${(error as Error).message}`);
  }
};

/** `Memory: LoRA r16 about 2.7 GB, NoRA 64/16 about 2.9 GB; 22 GB available` */
export const memoryText = ({ available, configurations }: MemoryReport): string => {
  const parts = configurations.map(
    ({ name, estimate, fits }) => `${name} about ${bytesText(estimate.total)}${fits ? '' : ' (too much)'}`,
  );
  return `Memory: ${parts.join(', ')}; ${bytesText(available)} available`;
};
