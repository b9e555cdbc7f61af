import type { TrainingSettings } from '../../../main/api/contract.ts';

export const lossOnItems: { value: TrainingSettings['lossOn']; label: string }[] = [
  { value: 'completion', label: 'Completions' },
  { value: 'all', label: 'All tokens' },
];

export const scheduleItems: { value: TrainingSettings['schedule']; label: string }[] = [
  { value: 'constant', label: 'Constant' },
  { value: 'linear', label: 'Linear' },
  { value: 'cosine', label: 'Cosine' },
];
