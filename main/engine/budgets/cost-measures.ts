/** What an arm of a comparison costs: each measure with how it is called and in what it is counted. Browser-safe. */
export const costMeasures = {
  'trained-parameters': { label: 'Trained parameters', unit: 'parameters' },
  'stored-parameters': { label: 'Stored parameters', unit: 'parameters' },
  'exported-parameters': { label: 'Parameters as PEFT has it', unit: 'parameters' },
  'peak-memory': { label: 'Peak memory', unit: 'bytes' },
  steps: { label: 'Steps', unit: 'steps' },
  'step-flops': { label: 'Operations of a step', unit: 'flops' },
  'initialisation-flops': { label: 'Operations of the start', unit: 'flops' },
  flops: { label: 'Operations in all', unit: 'flops' },
  'step-seconds': { label: 'Seconds of a step', unit: 'seconds' },
  'initialisation-seconds': { label: 'Seconds of the start', unit: 'seconds' },
  seconds: { label: 'Seconds in all', unit: 'seconds' },
} as const;

export type CostMeasure = keyof typeof costMeasures;
export type CostUnit = (typeof costMeasures)[CostMeasure]['unit'];

export const costMeasureNames = Object.keys(costMeasures) as readonly CostMeasure[];

/** Null: not known before the run (steps that are still to be counted, a rate that nobody has measured), or of no meaning for the method. */
export type ArmCost = { readonly [M in CostMeasure]: number | null };

/** The measures that arms may be matched by. Steps are equal by the protocol, so there is nothing to solve for them. */
export const matchingMeasures = [
  'steps',
  'trained-parameters',
  'stored-parameters',
  'peak-memory',
  'seconds',
  'flops',
] as const satisfies readonly CostMeasure[];

export type MatchingMeasure = (typeof matchingMeasures)[number];
