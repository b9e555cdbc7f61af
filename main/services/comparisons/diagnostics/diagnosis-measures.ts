/** What diagnostics tell of an adapter and of two, in the order in which they are shown. Pure: it runs in a browser too. */

export const diagnosisUnits = ['loss', 'difference', 'norm', 'share', 'rank', 'degrees'] as const;
export type DiagnosisUnit = (typeof diagnosisUnits)[number];

export interface DiagnosisMeasure {
  readonly name: string;
  readonly label: string;
  readonly unit: DiagnosisUnit;
  /** What a person has to know to read it. */
  readonly meaning: string;
}

/** Of one adapter. */
export const runMeasures = [
  {
    name: 'base_loss',
    label: 'loss of the base',
    unit: 'loss',
    meaning: 'on a few held-out rows',
  },
  {
    name: 'start_loss',
    label: 'loss at step 0',
    unit: 'loss',
    meaning: 'on the same rows, with the adapter as it started',
  },
  {
    name: 'start_change',
    label: 'step 0 less base',
    unit: 'difference',
    meaning: 'apart from 0 where a start does not leave the base as it is',
  },
  {
    name: 'trained_loss',
    label: 'loss when trained',
    unit: 'loss',
    meaning: 'on the same rows',
  },
  {
    name: 'first_gradient',
    label: 'first gradient norm',
    unit: 'norm',
    meaning: 'over all trained numbers, before clipping',
  },
  {
    name: 'relative_norm',
    label: 'delta / weight',
    unit: 'share',
    meaning: 'Frobenius norm of what was learned over that of the weight',
  },
  {
    name: 'rank',
    label: 'rank',
    unit: 'rank',
    meaning: 'width of the adapter at its narrowest place',
  },
  {
    name: 'effective_rank',
    label: 'effective rank',
    unit: 'rank',
    meaning: 'exp of the entropy of the delta’s singular values',
  },
  {
    name: 'stable_rank',
    label: 'stable rank',
    unit: 'rank',
    meaning: 'squared Frobenius norm of the delta over its largest singular value squared',
  },
  {
    name: 'rank_90',
    label: 'directions for 90 %',
    unit: 'rank',
    meaning: 'singular values of the delta that hold 90 % of its squares',
  },
  {
    name: 'weight_energy',
    label: 'energy of W in the outer pair',
    unit: 'share',
    meaning: 'share of the weight’s squares between the spans of the outer factors as they started',
  },
  {
    name: 'output_energy',
    label: 'energy of the outputs',
    unit: 'share',
    meaning: 'share of the squares of the layer’s held-out outputs in the span of the outer factor',
  },
  {
    name: 'output_error',
    label: 'output error of the start',
    unit: 'share',
    meaning: 'what the outer pair as it started misses of the layer’s held-out outputs',
  },
] as const satisfies readonly DiagnosisMeasure[];

/** Of two adapters; spans on the side of the outputs and of the inputs. */
export const pairMeasures = [
  {
    name: 'delta_outputs',
    label: 'deltas share, outputs',
    unit: 'share',
    meaning: 'mean squared cosine of the angles between what was learned; 100 % where one holds the other',
  },
  {
    name: 'delta_inputs',
    label: 'deltas share, inputs',
    unit: 'share',
    meaning: 'the same on the inputs’ side',
  },
  {
    name: 'delta_chance',
    label: 'deltas, by chance',
    unit: 'share',
    meaning: 'what drawn subspaces would share',
  },
  {
    name: 'outer_outputs',
    label: 'outer bases share, outputs',
    unit: 'share',
    meaning: 'the same of the outer factors as they started',
  },
  {
    name: 'outer_inputs',
    label: 'outer bases share, inputs',
    unit: 'share',
    meaning: 'the same on the inputs’ side',
  },
  {
    name: 'outer_chance',
    label: 'outer bases, by chance',
    unit: 'share',
    meaning: 'what drawn subspaces would share',
  },
  {
    name: 'outer_outputs_angle',
    label: 'angle of outer bases, outputs',
    unit: 'degrees',
    meaning: 'mean principal angle between the outer factors as they started',
  },
  {
    name: 'outer_inputs_angle',
    label: 'angle of outer bases, inputs',
    unit: 'degrees',
    meaning: 'the same on the inputs’ side',
  },
] as const satisfies readonly DiagnosisMeasure[];

export type RunMeasureName = (typeof runMeasures)[number]['name'];
export type PairMeasureName = (typeof pairMeasures)[number]['name'];

const minus = (text: string): string => text.replace(/^-/, '−').replace(/^−(0(\.0*)?)$/, '$1');

const writers: Readonly<Record<DiagnosisUnit, (value: number) => string>> = {
  loss: (value) => value.toFixed(4),
  difference: (value) => minus(value.toFixed(4)),
  norm: (value) => (value !== 0 && value < 0.01 ? value.toExponential(1) : value.toPrecision(3)),
  share: (value) => `${(100 * value).toFixed(1)} %`,
  rank: (value) => value.toFixed(1),
  degrees: (value) => `${value.toFixed(1)}°`,
};

export const diagnosisValueText = (value: number, unit: DiagnosisUnit): string => writers[unit](value);
