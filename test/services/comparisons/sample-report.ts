import { createRandom } from '../../../main/engine/random.ts';
import { answerComparison } from '../../../main/services/comparisons/answer/answer-comparison.ts';
import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';
import type { ReportData } from '../../../main/services/comparisons/report/report-data.ts';
import { sampleDiagnosis } from '../../support/sample-diagnosis.ts';

type MetricInput = ComparisonDataInput['metrics'][number];

const arms = [
  {
    name: 'LoRA r16',
    method: 'lora',
    skill: 0.5,
    loss: 1.82,
    parameters: 921_600,
    seconds: 0.41,
    bytes: 2.21e9,
  },
  {
    name: 'NoRA r64/16',
    method: 'nora',
    skill: 0.62,
    loss: 1.79,
    parameters: 92_160,
    seconds: 0.44,
    bytes: 2.05e9,
  },
  {
    name: 'rsLoRA & <b>co</b>',
    method: 'rslora',
    skill: 0.1,
    loss: 1.9,
    parameters: 921_600,
    seconds: 0.42,
    bytes: 2.22e9,
  },
];
const seeds = [1, 2, 3, 4, 5];

/** Random, with a fixed stream for each name. */
const randomFor = (name: string) =>
  createRandom([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1e9);

const choices = (task: string, items: number): MetricInput => {
  const random = randomFor(task);
  const difficulty = Array.from({ length: items }, () => 1.4 * random.normal());
  const answers = (skill: number): number[] =>
    difficulty.map((own) => (skill - own + 0.8 * random.normal() > 0.2 ? 1 : 0));
  return {
    task,
    metric: 'accuracy',
    label: 'accuracy',
    unit: 'share',
    better: 'higher',
    paired: true,
    chance: 0.25,
    margin: 0.01,
    itemIds: difficulty.map((_, item) => item),
    weights: difficulty.map(() => 1),
    base: answers(-0.3),
    runs: arms.flatMap(({ name, skill }) =>
      seeds.map((seed) => ({
        arm: name,
        seed,
        runId: `run-${arms.findIndex((arm) => arm.name === name)}-${seed}`,
        items: name.startsWith('rs') && seed === 5 ? null : answers(skill + 0.05 * random.normal()),
        problem:
          name.startsWith('rs') && seed === 5 ? 'failed: the loss is no number from step 212 on' : null,
      })),
    ),
  };
};

const losses = (items: number): MetricInput => {
  const random = randomFor('loss');
  const own = Array.from({ length: items }, () => 0.4 * random.normal());
  const weights = own.map(() => 5 + random.integer(60));
  const measured = choices('held-out', items);
  return {
    ...measured,
    metric: 'loss',
    label: 'loss',
    unit: 'loss',
    better: 'lower',
    chance: null,
    margin: 0.01,
    weights,
    base: own.map((value) => 2.72 + value + 0.2 * random.normal()),
    runs: measured.runs.map((run) => ({
      ...run,
      items:
        run.items === null
          ? null
          : own.map(
              (value) => arms.find(({ name }) => name === run.arm)!.loss + value + 0.05 * random.normal(),
            ),
    })),
  };
};

/** A metric that is no mean of items, with what was taken for what. */
const f1 = (): MetricInput => ({
  ...choices('topics', 90),
  metric: 'f1',
  label: 'F1',
  chance: null,
  itemIds: [],
  weights: [],
  base: null,
  baseScore: 0.3,
  runs: arms.flatMap(({ name, skill }, index) =>
    seeds.map((seed) => ({
      ...{ arm: name, seed, runId: `run-${index}-${seed}`, items: null, problem: null },
      score: 0.5 + skill / 2 + 0.01 * seed,
    })),
  ),
  confusions: {
    classes: ['arts', 'science', 'sport & play'],
    subjects: [
      {
        arm: null,
        runs: 1,
        counts: [
          [10, 12, 8],
          [9, 11, 10],
          [10, 10, 10],
        ],
      },
      ...arms.map(({ name }, index) => ({
        arm: name,
        runs: 5,
        counts: [
          [120 + index, 20 - index, 10],
          [14, 131, 5],
          [3, 0, 147],
        ],
      })),
    ],
  },
});

const curves: NonNullable<ComparisonDataInput['curves']> = [
  {
    metric: 'validation/loss',
    label: 'held-out loss',
    unit: 'loss',
    runs: arms.flatMap(({ name, loss }, index) =>
      seeds.map((seed) => {
        const random = randomFor(`${name}${seed}`);
        const points = Array.from({ length: 17 }, (_, at) => ({
          step: at * 25,
          value:
            loss + (2.72 - loss) * Math.exp(-at / (2.5 + index)) + (at === 0 ? 0 : 0.015 * random.normal()),
        }));
        return { arm: name, seed, runId: `run-${index}-${seed}`, points };
      }),
    ),
  },
];

const tuning: NonNullable<ComparisonDataInput['tuning']> = [
  {
    setting: 'learningRate',
    label: 'learning rate',
    metric: 'loss',
    metricLabel: 'tuning loss',
    unit: 'loss',
    better: 'lower',
    trials: arms.flatMap(({ name, loss }, index) =>
      [1e-4, 2e-4, 5e-4, 1e-3, 2e-3].map((value) => ({
        arm: name,
        value,
        seed: 1,
        runId: `tune-${index}-${value}`,
        score: loss + 0.12 * Math.log10(value / [3e-4, 6e-4, 5e-3][index]!) ** 2,
        problem: null,
      })),
    ),
  },
];

export const sampleData: ComparisonDataInput = {
  arms: arms.map(({ name, method }) => ({ name, method })),
  seeds,
  metrics: [losses(180), choices('arc-easy', 300), choices('openbookqa', 200), f1()],
  costMeasures: [
    { name: 'run/trained_parameters', label: 'trained parameters', unit: 'count', better: null },
    { name: 'train/step_seconds', label: 'seconds per step', unit: 'seconds', better: 'lower' },
    { name: 'run/peak_memory_bytes', label: 'peak memory', unit: 'bytes', better: 'lower' },
  ],
  costs: arms.flatMap(({ name, parameters, seconds, bytes }, index) =>
    seeds.map((seed) => ({
      arm: name,
      seed,
      runId: `run-${index}-${seed}`,
      values: {
        'run/trained_parameters': parameters,
        'train/step_seconds': seconds + 0.004 * seed,
        'run/peak_memory_bytes': bytes + 1e6 * seed,
      },
    })),
  ),
  curves,
  tuning,
};

export const sampleReport = (): ReportData => ({
  version: 1,
  id: 'cmp_4f2a',
  name: 'LoRA against NoRA at 10 % of the parameters, "SmolLM2" & ARC_easy',
  createdAt: '2026-11-28T19:00:00Z',
  definition: { version: 1, name: 'LoRA against NoRA' },
  arms: arms.map(({ name, method }, index) => ({
    name,
    method,
    settings: {
      adapter: { method, rank: [16, 64, 16][index]!, alpha: 32, targetModules: ['q_proj', 'v_proj'] },
      training: {
        learningRate: [5e-4, 5e-4, 2e-3][index]!,
        steps: 400,
        batchSize: 8,
        schedule: { warmup: 0.03, kind: 'cosine' },
      },
    },
  })),
  answer: answerComparison(sampleData),
  diagnosis: sampleDiagnosis(
    arms
      .slice(0, 2)
      .flatMap(({ name }, index) =>
        seeds.slice(0, 2).map((seed) => ({ runId: `run-${index}-${seed}`, arm: name, seed })),
      ),
  ),
  confounds: [
    {
      name: 'learning-rate',
      sentence: 'The arms train at 0.0005, 0.0005 and 0.002, each tuned in 5 trials.',
      accepted: true,
    },
    { name: 'scaling', sentence: 'LoRA scales by alpha/r, rsLoRA by alpha/sqrt(r).', accepted: true },
  ],
  provenance: {
    facts: [
      { label: 'NoRA Workbench', value: '0.1.0' },
      { label: 'ONNX Runtime', value: '1.30.0' },
      { label: 'device', value: 'CPU, 2 threads' },
    ],
    files: [
      {
        name: 'model.safetensors',
        role: 'model',
        sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      },
      {
        name: 'arc_easy.jsonl',
        role: 'training data',
        sha256: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
      },
    ],
    runs: arms.flatMap(({ name }, index) =>
      seeds.map((seed) => ({
        runId: `run-${index}-${seed}`,
        arm: name,
        shots: null,
        seed,
        status: index === 2 && seed === 5 ? 'failed' : 'completed',
        notices: [],
      })),
    ),
    repeat: {
      fileName: 'comparison.yaml',
      text: 'version: 1\nname: LoRA against NoRA\nmodel: SmolLM2-135M-Instruct\narms:\n  - name: LoRA r16\n    adapter: { method: lora, rank: 16 }\nseeds: [1, 2, 3, 4, 5]\n',
    },
  },
});
