import { comparisonDefinitionSchema, trainedParameters } from '../../../main/api/contract.ts';
import type {
  Comparison,
  ComparisonDefinition,
  ComparisonDesign,
  ComparisonTemplate,
  Confound,
  Dataset,
  MatchedBudgets,
  Model,
} from '../../../main/api/contract.ts';
import { sampleModel } from './fake-entities.ts';

export const templates: ComparisonTemplate[] = [
  {
    name: 'equal-parameters',
    title: 'LoRA against NoRA at equal parameters',
    description: 'Ranks are chosen so that both train as many parameters.',
    datasetFormat: null,
    tasks: [],
  },
  {
    name: 'rank-ladder',
    title: 'Rank ladder',
    description: 'One method at several ranks.',
    datasetFormat: null,
    tasks: [],
  },
  {
    name: 'commonsense',
    title: 'Commonsense, as published',
    description: 'Eight tasks after training on their questions together.',
    datasetFormat: { kind: 'prompt-completion', prompt: 'instruction', completion: 'output' },
    tasks: [{ name: 'BoolQ', title: 'BoolQ' }],
  },
];

export const templateDefinition = (
  template: string,
  model: string,
  dataset: string,
  files: Readonly<Record<string, string>>,
): ComparisonDefinition =>
  comparisonDefinitionSchema.parse({
    version: 1,
    name: templates.find(({ name }) => name === template)!.title,
    model,
    dataset,
    arms:
      template === 'rank-ladder'
        ? [4, 8, 16].map((rank) => ({ name: `LoRA r${rank}`, adapter: { method: 'lora', rank } }))
        : [
            { name: 'LoRA', adapter: { method: 'lora', rank: 16 } },
            { name: 'NoRA', adapter: { method: 'nora', outerRank: 64, innerRank: 16 } },
          ],
    tasks: Object.entries(files).map(([name, file]) => ({ kind: 'choices', name, file })),
    ...(template === 'equal-parameters' && {
      seeds: [0, 1, 2, 3, 4],
      matching: { by: 'trained-parameters' },
      tuning: { sweep: { settings: { learningRate: { logRange: [5e-5, 1e-3], points: 5 } } } },
    }),
  });

const budgetsOf = (definition: ComparisonDefinition, model: Model): MatchedBudgets | null => {
  const { matching, arms } = definition;
  const values = arms.map(({ adapter }) => trainedParameters(model, adapter) ?? 0);
  const target = matching === null ? null : (matching.target ?? values[0]!);
  const matched = values.map((value) => (target === null ? value : Math.round(target + (value % 700))));
  return {
    matching,
    target,
    arms: arms.map(({ name, adapter }, index) => ({
      name,
      adapter,
      changed: matching !== null && index > 0,
      value: matched[index]!,
      deviation: target === null ? null : matched[index]! / target - 1,
      isMatched: true,
      explanation:
        index === 0
          ? 'It sets the target.'
          : 'outer rank 64, inner rank 38 comes nearest to the target: 0.4 % more.',
      candidates: [],
    })),
    table: [
      {
        measure: 'trained-parameters',
        values: matched,
        ratios: matched.map((value) => value / matched[0]!),
        isEqual: matching !== null,
      },
      {
        measure: 'stored-parameters',
        values: matched.map((value, index) => value * (index + 1)),
        ratios: matched.map((_, index) => index + 1),
        isEqual: false,
      },
      {
        measure: 'peak-memory',
        values: arms.map((_, index) => 412e6 + 21e6 * index),
        ratios: arms.map((_, index) => 1 + 0.05 * index),
        isEqual: false,
      },
    ],
  };
};

/** One confound stands for all: scalings that differ. */
const confoundsOf = ({ arms, accepted }: ComparisonDefinition): Confound[] =>
  new Set(arms.map(({ adapter }) => adapter.method)).size < 2
    ? []
    : [
        {
          name: 'scaling',
          title: 'The updates are scaled differently',
          message: 'What an adapter adds is multiplied by another number in each arm.',
          reason: 'A larger scale acts like a larger learning rate.',
          values: Object.fromEntries(
            arms.map(({ name }, index) => [
              name,
              index === 0 ? 'alpha / rank = 2' : 'alpha / inner rank = 1',
            ]),
          ),
          accepted: accepted.includes('scaling'),
        },
      ];

export const designOf = (definition: ComparisonDefinition, model: Model = sampleModel): ComparisonDesign => {
  const range = Object.values(definition.tuning?.sweep.settings ?? {})[0];
  const count = range === undefined ? 0 : 'values' in range ? range.values.length : range.points;
  const trials = Array.from({ length: count }, (_, number) => ({
    number,
    settings: { learningRate: [5e-5, 1e-4, 2e-4, 5e-4, 1e-3][number % 5]! },
    label: `lr ${['5e-5', '1e-4', '2e-4', '5e-4', '1e-3'][number % 5]!}`,
  }));
  const levels = definition.shots?.length ?? 1;
  const runs = levels * definition.arms.length * definition.seeds.length;
  return {
    definition,
    arms: definition.arms,
    // They are counted by the layers of the sample, which is no model of pictures.
    budgets: definition.training.pictures === null ? budgetsOf(definition, model) : null,
    differences: [],
    confounds: confoundsOf(definition),
    trials,
    plan: {
      tuningRuns: levels * trials.length * definition.arms.length,
      finalRuns: runs,
      assessments: (runs + 1) * definition.tasks.length,
    },
    notices:
      definition.training.pictures === null
        ? []
        : ['adapters are not looked into afterwards: that is not done for pictures yet'],
  };
};

export const createdComparison = (
  id: string,
  { definition, arms, budgets, trials, confounds }: ComparisonDesign,
  model: Model,
  dataset: Dataset,
): Comparison => ({
  id,
  name: definition.name,
  definition,
  modelId: model.id,
  modelName: model.name,
  datasetId: dataset.id,
  datasetName: dataset.name,
  status: 'created',
  error: null,
  phases: [
    {
      phase: 'tuning',
      status: trials.length === 0 ? 'left out' : 'waiting',
      done: 0,
      failed: 0,
      total: trials.length * arms.length,
    },
    {
      phase: 'training',
      status: 'waiting',
      done: 0,
      failed: 0,
      total: arms.length * definition.seeds.length,
    },
    {
      phase: 'scoring',
      status: 'waiting',
      done: 0,
      failed: 0,
      total: (arms.length * definition.seeds.length + 1) * definition.tasks.length,
    },
    {
      phase: 'diagnostics',
      status: definition.diagnostics === null ? 'left out' : 'waiting',
      done: 0,
      failed: 0,
      total: arms.length * Math.min(definition.seeds.length, definition.diagnostics?.seeds ?? 0),
    },
  ],
  arms,
  budgets,
  tuning: trials.length === 0 ? null : { trials, chosen: [] },
  runs: [],
  tasks: [],
  assessments: [],
  diagnostics: definition.diagnostics === null ? null : { status: 'waiting', error: null, runIds: [] },
  confounds,
  sentence: null,
  problems: [],
  createdAt: new Date().toISOString(),
  startedAt: null,
  endedAt: null,
});
