import type { ClearablePartName, StoragePartName } from '../../../../main/api/contract.ts';

/** What each part of the data directory is to a person. */
export const storageParts: Record<StoragePartName, { title: string; text: string }> = {
  library: { title: 'Library', text: 'What is known of models, data, experiments and results' },
  runs: { title: 'Runs', text: 'Adapters and checkpoints; removing an experiment removes its own' },
  adapters: { title: 'Imported adapters', text: 'Copies of those that were imported' },
  exports: { title: 'Exports', text: 'Those that were given no folder of their own' },
  cache: {
    title: 'Cache',
    text: 'Weights and decompositions that later runs use again; without it they compute them again',
  },
  leftovers: { title: 'Leftovers', text: 'Folders of runs that the library no longer knows' },
  other: { title: 'Other', text: 'What else lies in the folder' },
};

export const clearing: Record<ClearablePartName, string> = {
  cache: 'Clear cache',
  leftovers: 'Remove leftovers',
};
