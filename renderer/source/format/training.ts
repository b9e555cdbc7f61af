import type { LengthUnit, MemorySuggestion, TrainingSettings } from '../../../main/api/contract.ts';

/** What a run's length can be given in, with what the form starts from. */
export const lengthItems: { value: LengthUnit; label: string; hint?: string; start: number }[] = [
  { value: 'steps', label: 'Steps', start: 100 },
  { value: 'epochs', label: 'Epochs', hint: 'Passes over the data.', start: 3 },
  {
    value: 'maxTokens',
    label: 'Tokens',
    hint: 'Padding not counted.',
    start: 100_000,
  },
  { value: 'stepsPerShot', label: 'Steps a shot', hint: 'Times the pictures of a class.', start: 500 },
];

/** Gives the length in another unit, and in no other. */
export const changeLengthUnit = (training: TrainingSettings, unit: LengthUnit): void => {
  for (const { value, start } of lengthItems) training[value] = value === unit ? start : undefined;
};

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
    label: '16 bits, bfloat16',
    hint: 'Half the memory of the weights: each is rounded to bfloat16, and widened for each product. On the CPU only.',
  },
  {
    value: 'fp16',
    label: '16 bits, float16',
    hint: 'The same in float16, which is closer where weights are small: on the CPU, and on graphics cards whose shaders have 16-bit floats.',
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

export const memoryItems: { value: TrainingSettings['memory']; label: string; hint: string }[] = [
  {
    value: 'fast',
    label: 'Fast',
    hint: 'What was costly to compute is kept for the backward pass.',
  },
  {
    value: 'low',
    label: 'Low memory',
    hint: 'Only what passes from layer to layer is kept, and each layer computed a second time: the same numbers, slower.',
  },
];

export const scheduleItems: { value: TrainingSettings['schedule']; label: string }[] = [
  { value: 'constant', label: 'Constant' },
  { value: 'linear', label: 'Linear' },
  { value: 'cosine', label: 'Cosine' },
];

const itemLabel = <T extends string>(items: readonly { value: T; label: string }[], value: T): string =>
  (items.find((item) => item.value === value)?.label ?? value).toLowerCase();

const changeNames: {
  readonly [F in keyof MemorySuggestion['settings']]: (value: MemorySuggestion['settings'][F]) => string;
} = {
  memory: (value) => itemLabel(memoryItems, value),
  batchSize: (value) => `batch size ${value}`,
  gradientAccumulation: (value) => `${value} batches a step`,
  sequenceLength: (value) => `sequence length ${value}`,
  baseFormat: (value) => `base weights in ${itemLabel(baseFormatItems, value)}`,
};

/** `low memory, batch size 1, 4 batches a step`: the settings that differ. */
export const describeChanges = (
  training: TrainingSettings,
  settings: MemorySuggestion['settings'],
): string => {
  const changed = <F extends keyof MemorySuggestion['settings']>(field: F): string[] =>
    training[field] === settings[field] ? [] : [changeNames[field](settings[field])];
  return (Object.keys(changeNames) as (keyof typeof changeNames)[]).flatMap(changed).join(', ');
};
