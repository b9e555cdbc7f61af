import type { OuterSplitName } from '../../../engine/adapters/description/outer-splits.ts';
import { fewShotNotes, fewShotTargets, fewShotTraining } from './few-shot-protocol.ts';
import type { PresetInput, RefusedPreset } from './preset.ts';

const source = 'github.com/lliai/LoRA-Zoo 52dcec3 (nora), arXiv 2408.10280';

/** The protocol of CLIP-LoRA with rates, batches and lengths of its own. */
export const officialTraining = {
  ...fewShotTraining,
  learningRate: 1e-2,
  batchSize: 64,
  stepsPerShot: 400,
} satisfies PresetInput['training'];

/** One batch is calibrated on, and the flag --alpha (1) is the exponent of mean |x|, too. */
export const officialCalibration = {
  alpha: 1,
  scaling: 'rank',
  activationMatrix: { kind: 'mean-absolute', exponent: 1 },
  calibrationBatches: 1,
  decomposition: 'exact',
  ...fewShotTargets,
} as const;

/** Defects of that code, none of which is done here. */
export const officialNotes = [
  ...fewShotNotes,
  'The code adds the bias of a layer a second time, times the scaling; here a bias counts once.',
  'The code takes --dropout_rate (0.25) and never applies it in these layers; here dropout is 0, and can be asked for.',
  'The code measures on the pictures to test on after every epoch and logs the best of these accuracies; here they are measured on once, after the last step.',
  'The code calibrates on a batch of cropped and mirrored pictures and on the prompt of one class, drawn at random, with its padding; here on a batch of pictures as the model sees them and on the prompts of all classes, without padding.',
  'The code divides by mean |x| as it is and fails where a channel is always 0; here it counts as 1e-6.',
  'The code cannot save what it trained (it looks for names that these layers do not have); here every adapter is kept.',
] as const;

const moved =
  'What is added to a layer is not zero at the start, so the model is moved before its first step, as in the code.';

const splitTexts: Readonly<Record<OuterSplitName, string>> = {
  a: 'A = U Sigma, B = V of the code (Sigma goes to A)',
  b: 'A = U, B = Sigma V of the code (Sigma goes to B)',
  'square-root': 'Sigma goes to both, by its root',
  dropped: 'A = U, B = V of the code (Sigma goes to nobody)',
};

interface Variant {
  readonly variant: 'A' | 'B' | 'C';
  readonly what: string;
  /** By the number that --init_method has. */
  readonly inits: Readonly<Record<string, OuterSplitName>>;
  /** By the number that --structure has; null where there is no such flag. */
  readonly structures: Readonly<Record<string, { readonly structure: string; readonly text: string }>> | null;
  readonly adapter: object;
  readonly notes: readonly string[];
}

const variants: readonly Variant[] = [
  {
    variant: 'A',
    what: 'Both factors of a LoRA start as the activation-aware decomposition and are trained',
    inits: { 2: 'a', 3: 'b', 4: 'square-root' },
    structures: null,
    adapter: { outerRank: 16, structure: 'none', outerTrained: true, innerStart: 'official' },
    notes: ['Nothing is nested in this variant. Its rank of 16 is that of its sweep (main_NoRA_A.py).'],
  },
  {
    variant: 'B',
    what: 'A trained inner part in a frozen outer pair',
    inits: { 2: 'dropped', 3: 'b', 4: 'square-root' },
    structures: {
      1: { structure: 'parallel-a', text: 'beside A' },
      2: { structure: 'core', text: 'between B and A' },
      3: { structure: 'dense-core', text: 'one square matrix between B and A' },
      4: { structure: 'parallel-b', text: 'beside B' },
      5: { structure: 'output', text: 'on the output' },
      6: { structure: 'dense-output', text: 'one square matrix on the output' },
    },
    adapter: { outerRank: 32, innerRank: 16, innerStart: 'official' },
    notes: [
      'The outer rank of 32 is the smallest of its sweep (main_NoRA_B.py); the inner rank of 16 is the one that the code has for structure 2, and half the outer rank, as it has for 1, 4 and 5. Its command line has an outer rank of 2 where nothing is said, below the inner 16 of structure 2: refused here by name.',
    ],
  },
  {
    variant: 'C',
    what: 'A trained inner pair in a frozen outer pair of 80 % of the full rank',
    inits: { 1: 'a', 2: 'b', 3: 'square-root' },
    structures: {
      1: { structure: 'core', text: 'between B and A' },
      2: { structure: 'output', text: 'on the output' },
    },
    adapter: { outerRank: '80%', innerRank: 16, innerStart: 'official-normal' },
    notes: [
      'The code puts 80 % of the smaller side in the place of --r, which has no effect (614 in the vision tower of ViT-B/16, 409 in its text tower). Its sweep (main_NoRA_C.py) tries 1e-3 beside the rate of 1e-2.',
    ],
  },
];

const presetOf = (
  { variant, what, adapter, notes }: Variant,
  [init, split]: readonly [string, OuterSplitName],
  place: readonly [string, { readonly structure: string; readonly text: string }] | null,
): PresetInput => {
  const structure = place === null ? '' : `-structure${place[0]}`;
  const where = place === null ? '' : `, structure ${place[0]}`;
  return {
    name: `nora-official-${variant.toLowerCase()}${structure}-init${init}`,
    group: `NoRA, official code, variant ${variant}`,
    title: `NoRA official ${variant}${where}, init ${init}`,
    explanation: `${what}${place === null ? '' : `: ${place[1].text}`}; ${splitTexts[split]}.`,
    source,
    notes: [...officialNotes, moved, ...notes],
    training: officialTraining,
    adapter: {
      method: 'nora',
      ...officialCalibration,
      ...adapter,
      split,
      ...(place !== null && { structure: place[1].structure }),
    },
  };
};

/** Every combination of structure and start that the code can learn with. */
export const officialPresets: readonly PresetInput[] = variants.flatMap((variant) =>
  (variant.structures === null ? [null] : Object.entries(variant.structures)).flatMap((place) =>
    Object.entries(variant.inits).map((init) => presetOf(variant, init, place)),
  ),
);

/** What of the code is not offered. */
export const refusedOfficial: readonly RefusedPreset[] = [
  {
    name: 'nora-official-a-init1',
    reason:
      "the code holds A transposed, so its Kaiming start is sqrt(in / r) times that of LoRA's A; no method here starts so. LoRA with the same training is the nearest",
  },
  {
    name: 'nora-official-a-initsvd',
    reason:
      "the default of the code's --init_method (svd) matches none of its branches: both factors stay as drawn from the normal distribution",
  },
  ...['1', '2', '3', '5', '6'].map((structure) => ({
    name: `nora-official-b-structure${structure}-init1`,
    reason: 'the frozen B is zero, so what is added is zero and so is every gradient: nothing can be learned',
  })),
  {
    name: 'nora-official-b-structure4-init1',
    reason:
      'its frozen A is drawn at random and its B is zero; a frozen outer pair always comes of a decomposition here',
  },
  {
    name: 'nora-official-d',
    reason: 'the code has a main file of variant D, and neither its layer nor its training',
  },
  {
    name: 'nora-official-v1',
    reason:
      "NoRALinear_v1 draws VeRA's vector on the rank from the normal distribution; vectors start at 1 here (vectors: true, magnitude: true)",
  },
  {
    name: 'nora-official-linear-lora',
    reason:
      'LinearLoRA of loralib/layers.py trains three parts between its frozen factors (RA, diag(R), RB); two are nested here, and it runs for outer ranks of 280 to 319 alone',
  },
];
