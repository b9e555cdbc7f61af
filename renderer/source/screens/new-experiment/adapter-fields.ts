/** How one setting of a method is shown. */
export type AdapterField =
  | { readonly kind: 'number'; readonly label: string; readonly hint?: string }
  | {
      readonly kind: 'choice';
      readonly label: string;
      readonly items: { value: string; label: string; hint?: string }[];
      readonly hint?: string;
    }
  | { readonly kind: 'switch'; readonly label: string; readonly hint?: string };

/** Ranks and what scales them: always in sight. By the setting's name, in the order in which they are shown. */
export const mainFields: Readonly<Record<string, AdapterField>> = {
  rank: { kind: 'number', label: 'Rank' },
  outerRank: { kind: 'number', label: 'Outer rank' },
  innerRank: { kind: 'number', label: 'Inner rank' },
  targetRank: { kind: 'number', label: 'Rank at the end' },
  alpha: { kind: 'number', label: 'Alpha' },
};

/** What most people leave as it is. */
export const moreFields: Readonly<Record<string, AdapterField>> = {
  dropout: {
    kind: 'number',
    label: 'Dropout',
    hint: "Share of the adapter's inputs that training leaves out, drawn anew each step.",
  },
  learningRateRatio: {
    kind: 'number',
    label: "B's rate / A's",
    hint: 'How much larger the learning rate of B is.',
  },
  initial: { kind: 'number', label: 'Initial d' },
  mode: {
    kind: 'choice',
    label: 'Mode',
    items: [
      { value: 'ipm', label: 'Learn the task (IPM)' },
      { value: 'kpm', label: 'Keep knowledge (KPM)' },
    ],
  },
  rho: {
    kind: 'number',
    label: 'Most of the rank',
    hint: 'A layer gets at most so many times the rank; 1 leaves all ranks as they are.',
  },
  tokens: {
    kind: 'choice',
    label: 'Calibrate on',
    items: [
      { value: 'labelled', label: 'Tokens to predict' },
      { value: 'all', label: 'All tokens' },
    ],
  },
  structure: {
    kind: 'choice',
    label: 'Inner part',
    items: [
      { value: 'core', label: "In series: B (B' A') A" },
      { value: 'dense-core', label: 'Dense core: B R A' },
      { value: 'parallel-a', label: "Beside A: B (A + B' A')" },
      { value: 'parallel-b', label: "Beside B: (B + B' A') A" },
      { value: 'output', label: "On the output: B' A' B A" },
      { value: 'dense-output', label: 'Dense on the output: R B A' },
      { value: 'none', label: 'None' },
    ],
  },
  split: {
    kind: 'choice',
    label: 'Sigma goes to',
    items: [
      { value: 'b', label: 'B' },
      { value: 'a', label: 'A' },
      { value: 'square-root', label: 'both, by its root' },
      { value: 'dropped', label: 'nobody' },
    ],
  },
  innerStart: {
    kind: 'choice',
    label: 'Inner start',
    items: [
      { value: 'zero-drift', label: 'Zero: the model is not moved' },
      { value: 'official', label: 'Random, as in the official code' },
      { value: 'official-normal', label: 'Normal, as in its variant C' },
    ],
  },
  scaling: {
    kind: 'choice',
    label: 'Scaling',
    items: [
      { value: 'inner-rank', label: 'alpha / inner rank' },
      { value: 'rank', label: 'alpha / outer rank' },
      { value: 'sqrt-rank', label: 'alpha / sqrt(outer rank)' },
    ],
  },
  calibrationBatches: { kind: 'number', label: 'Calibration batches' },
  decomposition: {
    kind: 'choice',
    label: 'Decomposition',
    items: [
      { value: 'randomized', label: 'Randomised' },
      { value: 'exact', label: 'Exact' },
    ],
    hint: 'How the starting factors are made. Randomised is about ten times as fast; its error is within 1 % of the exact one.',
  },
  initialSteps: { kind: 'number', label: 'Steps before pruning' },
  finalSteps: { kind: 'number', label: 'Steps after pruning' },
  everySteps: { kind: 'number', label: 'Prune every' },
  firstTokenCounts: {
    kind: 'switch',
    label: 'First token counts',
    hint: 'Activations at the start of a text can be so large that they outweigh all others.',
  },
  residualBase: {
    kind: 'switch',
    label: 'Residual base',
    hint: 'The starting delta is taken from the base, so that training starts at its output.',
  },
  outerTrained: { kind: 'switch', label: 'Train the outer factors' },
  magnitude: { kind: 'switch', label: 'DoRA magnitude' },
  vectors: { kind: 'switch', label: 'VeRA vectors' },
};
