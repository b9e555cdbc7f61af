import { layerAdapter } from '../../../engine/adapters/layer/layer-adapter.ts';
import { selectTargets } from '../../../engine/adapters/layer/target-modules.ts';
import { methods } from '../../../engine/adapters/methods/index.ts';
import type { MatchedBudgets } from '../../../engine/budgets/budget-schema.ts';
import { costMeasures } from '../../../engine/budgets/cost-measures.ts';
import { calibrationOf } from '../../../engine/init/outer-parts.ts';
import type { LayerPlace } from '../../../engine/models/architecture.ts';
import { lengthText, lengthUnits } from '../../../engine/train/settings/run-length.ts';
import type { DataOverlap } from '../../../trainer/protocol/overlap-schema.ts';
import type { ComparisonDefinition } from '../definition.ts';
import { sweptPaths, trialsOfArm } from './sweep-trials.ts';
import type { ResolvedArm } from './resolved-arm.ts';
import { settingText } from './setting-text.ts';

/** What is known of a comparison before it runs. */
export interface ConfoundContext {
  readonly definition: ComparisonDefinition;
  /** As they are trained: with the ranks that matching proposes. */
  readonly arms: readonly ResolvedArm[];
  /** Null where nothing has been counted yet. */
  readonly budgets: MatchedBudgets | null;
  /** Null where the data has not been looked at yet. */
  readonly overlap: DataOverlap | null;
  /** The model's layers, for what an adapter's scaling is at each of them. */
  readonly layers: readonly LayerPlace[];
}

export interface FoundConfound {
  /** What differs, in a sentence without its end. */
  readonly message: string;
  /** By the arms' names. */
  readonly values: Readonly<Record<string, string>>;
}

export interface ConfoundRule {
  /** Stable: by which it is accepted. */
  readonly name: string;
  readonly title: string;
  readonly reason: string;
  /** Settings that it watches; a test holds that none is left without a rule. */
  readonly paths: readonly string[];
  readonly find: (context: ConfoundContext) => FoundConfound | null;
}

const valuesText = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([arm, value]) => `${arm} ${value}`)
    .join(', ');

type ValueOf = (arm: ResolvedArm, context: ConfoundContext) => string | null;

interface UnequalRule extends Omit<ConfoundRule, 'find'> {
  /** What is unequal: `learning rate`. */
  readonly what: string;
  /** Null where the arm has no such thing, which is no difference. */
  readonly valueOf: ValueOf;
}

/** Something that all arms should have alike. Settings that are tuned are found alike for every arm, whatever comes of it. */
const unequal = ({ what, valueOf, ...rule }: UnequalRule): ConfoundRule => ({
  ...rule,
  find: (context) => {
    const tuned = sweptPaths(context.definition.tuning?.sweep ?? null);
    if (rule.paths.length > 0 && rule.paths.every((path) => tuned.has(path))) return null;
    const found = context.arms.flatMap((arm) => {
      const value = valueOf(arm, context);
      return value === null ? [] : [[arm.name, value] as const];
    });
    if (new Set(found.map(([, value]) => value)).size < 2) return null;
    const values = Object.fromEntries(found);
    return { message: `${what}: ${valuesText(values)}`, values };
  },
});

const targetingOf = ({ adapter }: ResolvedArm) => ('targetModules' in adapter ? adapter : null);

const scheduleText: ValueOf = ({ training }) => {
  const { schedule, warmupSteps, warmupRatio, finalLearningRate } = training;
  const fall = finalLearningRate > 0 ? `${schedule} to ${settingText(finalLearningRate)}` : schedule;
  const warmup = warmupRatio > 0 ? `${100 * warmupRatio} % warmup` : `${warmupSteps} steps of warmup`;
  return warmupSteps > 0 || warmupRatio > 0 ? `${fall}, ${warmup}` : fall;
};

const batchText: ValueOf = ({ training }) => {
  const { batchSize, gradientAccumulation, packing } = training;
  return `${batchSize * gradientAccumulation} rows a step${packing ? ', packed' : ''}`;
};

const targetsText: ValueOf = (arm) => {
  const targeting = targetingOf(arm);
  if (targeting === null) return 'all weights';
  const { targetModules, excludeModules, layersToTransform } = targeting;
  const names = settingText(
    typeof targetModules === 'string' ? targetModules : [...targetModules].toSorted(),
  );
  const without = excludeModules.length > 0 ? ` without ${settingText(excludeModules)}` : '';
  const numbers = layersToTransform?.length ? ` in layers ${settingText(layersToTransform)}` : '';
  return `${names}${without}${numbers}`;
};

/** alpha over what it is divided by, at each layer: one number, or the range. */
const scaleText: ValueOf = ({ adapter, description }, { layers }) => {
  if (targetingOf({ adapter } as ResolvedArm) === null) return null;
  const scalings = selectTargets(layers, adapter).map((place) => layerAdapter(description, place).scaling);
  const [least, most] = [Math.min(...scalings), Math.max(...scalings)];
  const number = (value: number): string => settingText(Number(value.toPrecision(4)));
  return least === most ? number(least) : `${number(least)} to ${number(most)}`;
};

/** Whether the scaling falls with the rank or with its root, which is another one for every rank but one. */
const divisorText: Readonly<Record<ResolvedArm['description']['scaling']['divisor'], string>> = {
  rank: 'alpha / rank',
  'inner-rank': 'alpha / inner rank',
  'sqrt-rank': 'alpha / sqrt(rank)',
  'rank-and-epsilon': 'alpha / rank',
  alpha: 'no scaling',
};

const isRooted = ({ description }: ResolvedArm): boolean => description.scaling.divisor === 'sqrt-rank';

const pickingText: ValueOf = ({ training }) => {
  const { keepBest, earlyStopping, evaluateEvery } = training;
  const picks = [
    ...(keepBest ? ['keeps the best'] : []),
    ...(earlyStopping ? [`stops early (${settingText(earlyStopping)})`] : []),
  ];
  return picks.length === 0
    ? 'trains to the end'
    : `${picks.join(' and ')} of one evaluation every ${evaluateEvery} steps`;
};

const calibrationText: ValueOf = ({ description, training }) => {
  const { batches, firstTokenCounts, tokens } = calibrationOf(description);
  if (batches === 0) return null;
  const which = tokens === 'labelled' ? 'labelled tokens' : 'all tokens';
  return `${batches * training.batchSize} rows, ${which}${firstTokenCounts ? '' : ' but the first'}`;
};

const listOf = (values: readonly string[]): string => values.join(', ');

const trainingRules: readonly ConfoundRule[] = [
  unequal({
    name: 'learning-rate',
    title: 'Learning rates differ and were not tuned',
    what: 'learning rate',
    reason:
      'The best rate of one method is not that of another: with rates chosen by hand, the difference may be that of the rates.',
    paths: ['training.learningRate'],
    valueOf: ({ training }) => settingText(training.learningRate),
  }),
  {
    name: 'untuned-learning-rate',
    title: 'One rate for all, tuned for none',
    reason:
      'Methods reach their best at different rates (a frozen outer pair or another scaling moves it by factors), and with tuned rates most differences between them shrink to 1 or 2 %. A rate that suits one arm is an advantage of it.',
    paths: ['training.learningRate'],
    find: ({ arms, definition }) => {
      if (sweptPaths(definition.tuning?.sweep ?? null).has('training.learningRate')) return null;
      const rates = new Set(arms.map(({ training }) => training.learningRate));
      if (rates.size > 1) return null;
      return {
        message: `learning rate: ${settingText([...rates][0])} for every arm, and none was tuned`,
        values: Object.fromEntries(
          arms.map(({ name, training }) => [name, settingText(training.learningRate)]),
        ),
      };
    },
  },
  unequal({
    name: 'schedule',
    title: 'Schedules differ',
    what: 'schedule',
    reason: 'Warmup and decay decide how much of the rate an arm really gets.',
    paths: [
      'training.schedule',
      'training.warmupSteps',
      'training.warmupRatio',
      'training.finalLearningRate',
    ],
    valueOf: scheduleText,
  }),
  unequal({
    name: 'length',
    title: 'Lengths differ',
    what: 'length',
    reason: 'An arm that sees more of the data has learnt more of it, whatever its method.',
    paths: lengthUnits.map((unit) => `training.${unit}`),
    valueOf: ({ training }) => lengthText(training),
  }),
  unequal({
    name: 'batch',
    title: 'Batches differ',
    what: 'batch',
    reason: 'Rows of a step decide how noisy its gradient is, and how many steps the data makes.',
    paths: ['training.batchSize', 'training.gradientAccumulation', 'training.packing'],
    valueOf: batchText,
  }),
  unequal({
    name: 'rows',
    title: 'Rows differ',
    what: 'tokens of a row, and which carry loss',
    reason: 'Arms that are trained on other tokens are not trained on the same data.',
    paths: ['training.sequenceLength', 'training.lossOn'],
    valueOf: ({ training }) => `${training.sequenceLength} tokens, loss on ${training.lossOn}`,
  }),
  unequal({
    name: 'pictures',
    title: 'Pictures differ',
    what: 'shots, template and views of pictures',
    reason:
      'Arms that see other pictures, or are asked something else of them, are not trained on the same data.',
    paths: ['training.pictures'],
    valueOf: ({ training }) => settingText(training.pictures),
  }),
  unequal({
    name: 'diffusion',
    title: 'Pictures to draw, their captions or their noise differ',
    what: 'settings of pictures that are drawn',
    reason:
      'Prompts, crops, timesteps and weights decide what an arm learns to draw, and at which noise; what is measured changes with the resolution.',
    paths: ['training.diffusion'],
    // What is drawn between steps changes nothing of them.
    valueOf: ({ training }) => settingText(training.diffusion && { ...training.diffusion, samples: null }),
  }),
  unequal({
    name: 'optimizer',
    title: 'Optimizers differ',
    what: 'optimizer',
    reason: 'What AdamW remembers and where gradients are cut changes the size of every step.',
    paths: ['training.beta1', 'training.beta2', 'training.epsilon', 'training.maxGradientNorm'],
    valueOf: ({ training }) =>
      `betas ${training.beta1} and ${training.beta2}, epsilon ${settingText(training.epsilon)}, gradient norm at most ${settingText(training.maxGradientNorm)}`,
  }),
  unequal({
    name: 'weight-decay',
    title: 'Weight decay differs',
    what: 'weight decay',
    reason: 'It pulls an adapter back to nothing, the more the larger its factors are.',
    paths: ['training.weightDecay', 'training.weightDecayOn'],
    valueOf: ({ training }) => `${settingText(training.weightDecay)} on ${training.weightDecayOn}`,
  }),
  unequal({
    name: 'noise',
    title: 'Smoothing or noise differs',
    what: 'label smoothing and noise on embeddings',
    reason: 'Both regularise; where only one arm has them, it is they that may make the difference.',
    paths: ['training.labelSmoothing', 'training.neftuneAlpha'],
    valueOf: ({ training }) => `smoothing ${training.labelSmoothing}, noise ${training.neftuneAlpha}`,
  }),
  unequal({
    name: 'stopping',
    title: 'Arms end by different rules',
    what: 'end of training',
    reason: 'The lowest of many evaluations is partly luck, and only the arm that picks has it.',
    paths: ['training.earlyStopping', 'training.keepBest', 'training.evaluateEvery'],
    valueOf: pickingText,
  }),
  {
    name: 'picked-on-held-out',
    title: 'The held-out rows choose what is reported on them',
    reason:
      'Keeping the best evaluation, or stopping at it, picks by the same rows that the result is told of, which flatters every arm, the noisier one more.',
    paths: ['training.keepBest', 'training.earlyStopping'],
    find: ({ arms }) => {
      const picking = arms.filter(({ training }) => training.keepBest || training.earlyStopping !== null);
      if (picking.length === 0) return null;
      return {
        message: `${listOf(picking.map(({ name }) => name))} ${picking.length === 1 ? 'picks' : 'pick'} by the loss on the held-out rows`,
        values: Object.fromEntries(
          picking.map((arm) => [arm.name, pickingText(arm, {} as ConfoundContext)!]),
        ),
      };
    },
  },
  unequal({
    name: 'base-format',
    title: 'Bases differ',
    what: 'format of the base',
    reason: 'A base in fewer bits is another model, with an error of its own.',
    paths: ['training.baseFormat'],
    valueOf: ({ training }) => training.baseFormat,
  }),
  unequal({
    name: 'machine',
    title: 'Arms are computed differently',
    what: 'device, threads and memory mode',
    reason: 'Numbers round differently, and neither times nor memory can be compared.',
    paths: ['training.device', 'training.threads', 'training.memory'],
    valueOf: ({ training }) =>
      `${training.device}, ${training.threads === null ? 'all threads' : `${training.threads} threads`}, memory ${training.memory}`,
  }),
];

const adapterRules: readonly ConfoundRule[] = [
  {
    name: 'scaling',
    title: 'Adapters are scaled differently',
    reason:
      'What is learnt is multiplied by it, so it acts as another learning rate; alpha / sqrt(r) is sqrt(r) times alpha / r. Between methods whose frozen factors differ in size, equal numbers are no equal steps either.',
    paths: ['adapter.alpha', 'adapter.scaling', 'adapter.alphaPattern'],
    find: (context) => {
      if (sweptPaths(context.definition.tuning?.sweep ?? null).has('adapter.alpha')) return null;
      const scaled = context.arms.flatMap((arm) => {
        const scale = scaleText(arm, context);
        return scale === null ? [] : [{ arm, scale }];
      });
      const differ =
        new Set(scaled.map(({ scale }) => scale)).size > 1 ||
        new Set(scaled.map(({ arm }) => isRooted(arm))).size > 1;
      if (!differ) return null;
      const values = Object.fromEntries(
        scaled.map(({ arm, scale }) => [
          arm.name,
          `${scale} (${divisorText[arm.description.scaling.divisor]})`,
        ]),
      );
      return { message: `scaling: ${valuesText(values)}`, values };
    },
  },
  unequal({
    name: 'dropout',
    title: 'Dropout differs',
    what: 'dropout',
    reason:
      'It regularises: where one arm has it and another has not, over-fitting is compared, not the method.',
    paths: ['adapter.dropout'],
    valueOf: ({ description }) => settingText(description.dropout),
  }),
  unequal({
    name: 'targets',
    title: 'Adapters sit on different layers',
    what: 'layers',
    reason: 'Which layers are adapted matters as much as how; parameters can be equal all the same.',
    paths: ['adapter.targetModules', 'adapter.excludeModules', 'adapter.layersToTransform'],
    valueOf: targetsText,
  }),
  unequal({
    name: 'saved-modules',
    title: 'Different modules are trained whole',
    what: 'modules trained whole',
    reason: 'A head or an embedding that is trained whole can outweigh any adapter.',
    paths: ['adapter.modulesToSave'],
    valueOf: (arm) => {
      const targeting = targetingOf(arm);
      return targeting === null ? 'all' : settingText([...targeting.modulesToSave].toSorted());
    },
  }),
  unequal({
    name: 'calibration-data',
    title: 'Starts see different data',
    what: 'calibration',
    reason: 'More rows make a better start whatever is computed from them.',
    paths: ['adapter.calibrationBatches', 'adapter.firstTokenCounts', 'adapter.tokens'],
    valueOf: calibrationText,
  }),
  unequal({
    name: 'decomposition',
    title: 'Decompositions differ in exactness',
    what: 'decomposition',
    reason:
      'The randomised one is within 1 % of the exact error and a tenth of its time: starts and their cost both differ by it.',
    paths: ['adapter.decomposition'],
    valueOf: ({ description }) => {
      const { source } = description.outer.initialisation;
      return source?.kind === 'decomposition' ? source.decomposition : null;
    },
  }),
];

/** Adapter settings that other rules watch, or that only follow from what a method is. */
const watched = new Set(
  [...adapterRules.flatMap(({ paths }) => paths), 'adapter.method'].map((path) =>
    path.slice('adapter.'.length),
  ),
);

/** What arms of one method differ in, beyond what other rules say. */
const ownDifferences = (arms: readonly ResolvedArm[]): string[] => {
  const fields = [...new Set(arms.flatMap(({ adapter }) => Object.keys(adapter)))];
  return fields
    .filter((field) => !watched.has(field))
    .filter(
      (field) =>
        new Set(
          arms.map(({ adapter }) => JSON.stringify((adapter as Readonly<Record<string, unknown>>)[field])),
        ).size > 1,
    );
};

/** Adapter settings that its size follows from. */
const sizePaths: ReadonlySet<string> = new Set(
  [
    ...['rank', 'outerRank', 'innerRank', 'rankPattern', 'structure', 'outerTrained', 'magnitude', 'vectors'],
    ...['targetModules', 'excludeModules', 'layersToTransform', 'modulesToSave'],
  ].map((field) => `adapter.${field}`),
);

const designRules: readonly ConfoundRule[] = [
  {
    name: 'several-settings',
    title: 'Arms of one method differ in more than one thing',
    reason: 'Which of them makes the difference can’t be told.',
    paths: [],
    find: ({ arms }) => {
      const byMethod = Map.groupBy(arms, ({ adapter }) => adapter.method);
      for (const [method, group] of byMethod) {
        const fields = ownDifferences(group);
        if (fields.length < 2) continue;
        const values = group.map(({ name, adapter }) => {
          const settings = adapter as Readonly<Record<string, unknown>>;
          return [name, listOf(fields.map((field) => `${field} ${settingText(settings[field])}`))] as const;
        });
        return {
          message: `arms of ${methods[method].title} differ in ${listOf(fields)}`,
          values: Object.fromEntries(values),
        };
      }
      return null;
    },
  },
  {
    name: 'unequal-size',
    title: 'Arms train different numbers of parameters',
    reason:
      'A larger adapter can learn more, whatever its method; at equal sizes the question is another one.',
    paths: [],
    find: ({ budgets, arms }) => {
      const row = budgets?.table.find(({ measure }) => measure === 'trained-parameters');
      const by = budgets?.matching?.by ?? 'steps';
      if (row?.isEqual !== false || by !== 'steps') return null;
      const values = Object.fromEntries(
        arms.map(({ name }, at) => [name, (row.values[at] ?? 0).toLocaleString('en-US')]),
      );
      return { message: `trained parameters: ${valuesText(values)}`, values };
    },
  },
  {
    name: 'unmatched',
    title: 'Not every arm could be brought to the budget',
    reason: 'What is compared is not equal in the very thing that was asked to be.',
    paths: [],
    find: ({ budgets }) => {
      const matching = budgets?.matching ?? null;
      if (budgets === null || matching === null || matching.by === 'steps') return null;
      const missed = budgets.arms.filter(({ isMatched }) => !isMatched);
      if (missed.length === 0) return null;
      return {
        message: `${costMeasures[matching.by].label.toLowerCase()} of ${listOf(missed.map(({ name }) => name))} could not be brought to the target`,
        values: Object.fromEntries(missed.map(({ name, explanation }) => [name, explanation])),
      };
    },
  },
  {
    name: 'tuned-budget',
    title: 'Tuning changes the size that was matched',
    reason:
      'Each arm ends with the size that its best trial had, so what was brought to one budget is so no longer.',
    paths: [],
    find: ({ definition: { matching, tuning } }) => {
      if (matching === null || matching.by === 'steps') return null;
      const swept = [...sweptPaths(tuning?.sweep ?? null)].filter((path) => sizePaths.has(path));
      if (swept.length === 0) return null;
      const what = costMeasures[matching.by].label.toLowerCase();
      return { message: `arms are matched by ${what}, and ${listOf(swept)} is searched`, values: {} };
    },
  },
  {
    name: 'unequal-tuning',
    title: 'Arms are tuned by different numbers of trials',
    reason: 'The best of many trials is better than the best of few by luck alone.',
    paths: [],
    find: ({ definition, arms }) => {
      const sweep = definition.tuning?.sweep;
      if (!sweep) return null;
      const counts = Object.fromEntries(
        arms.map((arm) => [arm.name, String(trialsOfArm(sweep, arm).length)]),
      );
      if (new Set(Object.values(counts)).size < 2) return null;
      return {
        message: `trials: ${valuesText(counts)}, as not every method has every setting`,
        values: counts,
      };
    },
  },
  {
    name: 'single-seed',
    title: 'One seed only',
    reason:
      'How far another start or order of the data would have landed is not known, so no difference can be told from chance.',
    paths: [],
    find: ({ definition: { seeds } }) =>
      seeds.length > 1 ? null : { message: `every arm is trained once, from seed ${seeds[0]}`, values: {} },
  },
  {
    name: 'calibration-overlap',
    title: 'Starts have seen held-out rows',
    reason:
      'What is reported on those rows is partly what the start was made from; arms that are not calibrated have not seen them.',
    paths: [],
    find: ({ overlap }) => {
      const seen = (overlap?.calibrations ?? []).filter(({ shared }) => shared.length > 0);
      if (seen.length === 0) return null;
      const byArm = Map.groupBy(seen, ({ arm }) => arm);
      const values = Object.fromEntries(
        [...byArm].map(([arm, runs]) => {
          const rows = [...new Set(runs.flatMap(({ shared }) => shared.map(({ heldOutRow }) => heldOutRow)))];
          return [arm, `held-out rows ${rowsText(rows)}`];
        }),
      );
      return { message: `calibration rows that are held out too: ${valuesText(values)}`, values };
    },
  },
  {
    name: 'repeated-rows',
    title: 'Held-out rows are trained on',
    reason: 'A row that is in both parts is remembered, not learnt from: the larger adapter remembers more.',
    paths: [],
    find: ({ overlap }) => {
      if (!overlap || overlap.training.length === 0) return null;
      const rows = [...new Set(overlap.training.map(({ heldOutRow }) => heldOutRow))];
      return {
        message: `${rows.length} of ${overlap.heldOutRows} held-out rows are among the training rows, letter by letter: ${rowsText(rows)}`,
        values: {},
      };
    },
  },
];

const rowsShown = 10;
/** Numbers from 1, as lines of a file of rows have them. */
const rowsText = (rows: readonly number[]): string => {
  const shown = rows
    .toSorted((a, b) => a - b)
    .slice(0, rowsShown)
    .map((row) => String(row + 1));
  return `${listOf(shown)}${rows.length > rowsShown ? ` and ${rows.length - rowsShown} more` : ''}`;
};

/** Training settings that change nothing of what is compared. */
export const harmlessPaths = [
  'training.samples', // written between steps, and their seconds are counted apart
  'training.checkpointEvery',
  'training.checkpointMinutes',
  'training.memoryCheck',
  'training.evaluationBatches',
] as const;

/** Everything that is warned of, in the order in which it is shown. A new one is an entry. */
export const confoundRules: readonly ConfoundRule[] = [...trainingRules, ...adapterRules, ...designRules];
