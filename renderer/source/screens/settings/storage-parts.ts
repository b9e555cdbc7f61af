import type { ClearablePartName, StoragePartName } from '../../../../main/api/contract.ts';

/** What each part of the data directory is to a person. */
export const storageParts: Record<StoragePartName, { title: string; text: string }> = {
  library: { title: 'Library', text: 'What is known of models, data, experiments and results' },
  runs: { title: 'Runs', text: 'Adapters and checkpoints; removing an experiment removes its own' },
  adapters: { title: 'Imported adapters', text: 'Copies of those that were imported' },
  exports: { title: 'Exports', text: 'Those that were given no folder of their own' },
  bases: {
    title: 'Quantised bases',
    text: 'Weights of models in fewer bits; runs that need them make them again',
  },
  cache: {
    title: 'Cache',
    text: 'Decompositions and the like that later runs use again; without it they compute them again',
  },
  copies: { title: 'Copies of the library', text: 'From before it was changed as a whole' },
  leftovers: {
    title: 'Leftovers',
    text: 'What was begun and never finished, here and beside exports, and folders of runs and adapters that the library does not know; what was written in the last minute stays',
  },
  other: { title: 'Other', text: 'What else lies in the folder' },
};

export const clearing: Record<ClearablePartName, string> = {
  bases: 'Remove bases',
  cache: 'Clear cache',
  copies: 'Remove copies',
  leftovers: 'Remove leftovers',
};
