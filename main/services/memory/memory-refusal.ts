import type { TrainingSettings } from '../../engine/train/settings/training-settings.ts';
import type { MemorySuggestion } from '../../trainer/protocol/memory-schema.ts';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;

/** `training.memory: low and training.batchSize: 1`, of the settings that differ. */
export const describeChanges = (
  training: TrainingSettings,
  settings: MemorySuggestion['settings'],
): string => {
  const changes = Object.entries(settings)
    .filter(([field, value]) => training[field as keyof typeof settings] !== value)
    .map(([field, value]) => `training.${field}: ${value}`);
  return changes.length < 2 ? changes.join('') : `${changes.slice(0, -1).join(', ')} and ${changes.at(-1)}`;
};

/** Why a run is not started, in one line: what it would take, what there is, and what would fit. */
export const describeRefusal = (
  { training, available }: { readonly training: TrainingSettings; readonly available: number },
  total: number,
  suggestion: MemorySuggestion | null,
): string => {
  const way =
    suggestion === null
      ? 'no settings were found that would fit'
      : `${describeChanges(training, suggestion.settings)} would fit (${gigabytes(suggestion.total)})`;
  return `not started: it would take about ${gigabytes(total)} of memory, and ${gigabytes(available)} are available; ${way}; training.memoryCheck: off starts it all the same`;
};
