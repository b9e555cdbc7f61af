import type { TrainingSettings } from '../../../main/api/contract.ts';

export const lossOnItems: { value: TrainingSettings['lossOn']; label: string }[] = [
  { value: 'completion', label: 'Completions' },
  { value: 'all', label: 'All tokens' },
];

export const baseFormatItems: { value: TrainingSettings['baseFormat']; label: string; hint: string }[] = [
  {
    value: 'fp32',
    label: '32 bits',
    hint: 'The weights as they are, computed with in 32 bits. Nothing is lost.',
  },
  {
    value: 'bf16',
    label: '16 bits',
    hint: 'Half the memory of the weights: each is rounded to bfloat16, and widened for each product.',
  },
  {
    value: 'int8',
    label: '8 bits',
    hint: 'Faster: weights and activations are rounded to 8 bits. The held-out loss was within 1 % of 32 bits where we measured it.',
  },
  {
    value: 'int4',
    label: '4 bits',
    hint: 'The least memory, not faster: weights are rounded to 4 bits. Small models lose noticeably; compare with 8 bits.',
  },
];

export const scheduleItems: { value: TrainingSettings['schedule']; label: string }[] = [
  { value: 'constant', label: 'Constant' },
  { value: 'linear', label: 'Linear' },
  { value: 'cosine', label: 'Cosine' },
];
