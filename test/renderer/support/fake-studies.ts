import type { Assessment, Comparison, ComparisonRun } from '../../../main/api/contract.ts';
import { comparisonDefinitionSchema } from '../../../main/api/contract.ts';
import { seenBy } from './fake-comparison-data.ts';
import type { FakeStudy } from './fake-comparison-data.ts';
import { createdComparison, designOf } from './fake-designs.ts';
import { sampleSubject } from './fake-subject.ts';
import { sampleDataset, sampleModel, samplePictures } from './fake-entities.ts';

/** Comparisons that were made before the window opened, in each of the states that a person may find one in. */
export interface SampleStudy {
  name:
    | 'answered'
    | 'running'
    | 'at chance'
    | 'one seed'
    | 'failed seeds'
    | 'many arms'
    | 'over shots'
    | 'drawing';
  comparison: Comparison;
  study: FakeStudy;
}

const lora = { name: 'LoRA r16', method: 'lora', skill: 0.52, loss: 0.42, parameters: 145_408 };
const nora = { name: 'NoRA 64/38', method: 'nora', skill: 0.58, loss: 0.4, parameters: 146_112 };
const methods: Record<string, object> = {
  lora: { method: 'lora', rank: 16 },
  nora: { method: 'nora', outerRank: 64, innerRank: 38 },
  pissa: { method: 'pissa', rank: 16 },
  dora: { method: 'dora', rank: 16 },
};

const choices = { kind: 'choices', name: 'ARC-Easy', file: '/data/arc-easy.jsonl' };
const prompts = ['a photo of sks dog', 'a photo of sks dog in the snow'];
const drawing = { diffusion: { prompt: prompts[0], samples: { prompts, seeds: [7, 8], every: 100 } } };
const drawnTask = {
  ...{ kind: 'drawn', name: 'pictures', models: ['dino-vits16', 'clip'], prompts, seeds: [1, 2, 3, 4] },
};

type Status = 'completed' | 'training';

const made = (
  name: SampleStudy['name'],
  title: string,
  study: FakeStudy,
  status: Status = 'completed',
): SampleStudy => {
  const dataset = study.draws ? sampleSubject : study.shots ? samplePictures : sampleDataset;
  const axis = study.shots ?? [null];
  const definition = comparisonDefinitionSchema.parse({
    version: 1,
    name: title,
    model: sampleModel.id,
    dataset: dataset.id,
    seeds: study.seeds,
    arms: study.arms.map((arm) => ({ name: arm.name, adapter: methods[arm.method]! })),
    training: { steps: 200, ...(study.draws && drawing) },
    ...(study.shots && { shots: [...study.shots] }),
    matching: { by: 'trained-parameters' },
    ...(study.tuned !== false && {
      tuning: { sweep: { settings: { learningRate: { logRange: [5e-5, 1e-3], points: 5 } } } },
    }),
    tasks: study.draws ? [drawnTask] : study.shots ? [] : [choices],
    accepted: ['scaling'],
    // What was made before there were diagnostics has none.
    ...((name === 'at chance' || study.draws) && { diagnostics: null }),
  });
  const design = designOf(definition);
  const created = createdComparison(name.replaceAll(' ', '-'), design, sampleModel, dataset);
  const { arms, seeds, problems = {}, items } = study;
  const isDone = status === 'completed';
  const statusOf = (arm: string, seed: number): ComparisonRun['status'] => {
    if (problems[`${arm} ${seed}`] !== undefined) return 'failed';
    if (isDone || seed === seeds[0]) return 'completed';
    return seed === seeds[1] && arm === arms[0]!.name ? 'running' : 'queued';
  };
  const finals = arms.flatMap((arm, index) =>
    axis.flatMap((shots) =>
      seeds.map((seed): ComparisonRun => {
        const runStatus = statusOf(arm.name, seed);
        return {
          runId: `comparison-run-${index + 1}-${shots === null ? '' : `${shots}-`}${seed}`,
          experimentId: `${created.id}-seed-${seed}`,
          role: 'final',
          arm: arm.name,
          seed,
          shots,
          trial: null,
          round: null,
          status: runStatus,
          step: runStatus === 'completed' ? 200 : runStatus === 'running' ? 84 : 0,
          steps: 200,
          loss: runStatus === 'completed' ? arm.loss + 0.004 * seed : null,
          error: problems[`${arm.name} ${seed}`] ?? null,
        };
      }),
    ),
  );
  const tuning = arms.flatMap((arm, index) =>
    design.trials.map(({ number }): ComparisonRun => ({
      runId: `comparison-trial-${index + 1}-${number}`,
      experimentId: `${created.id}-tuning`,
      role: 'tuning',
      arm: arm.name,
      seed: 0,
      shots: null,
      trial: number,
      round: null,
      status: 'completed',
      step: 200,
      steps: 200,
      loss: arm.loss + 0.05 * (number - 2 - index) ** 2,
      error: null,
    })),
  );
  const subjects = [null, ...finals.filter((run) => run.status === 'completed')];
  const tasks = study.shots ? ['held-out'] : ['held-out', study.draws ? 'pictures' : 'ARC-Easy'];
  const assessments = tasks.flatMap((task) =>
    subjects.map((run): Assessment => ({
      id: `${run?.runId ?? 'base'}-${task}`,
      runId: run?.runId ?? null,
      arm: run?.arm ?? null,
      seed: run?.seed ?? null,
      shots: run?.shots ?? null,
      task,
      status: 'completed',
      error: null,
      scores: {},
      items,
      of: items,
    })),
  );
  const failed = finals.filter((run) => run.status === 'failed').length;
  const looked = finals.filter(({ seed, status: ended }) => seeds.indexOf(seed) < 2 && ended === 'completed');
  const isLookedInto = isDone && definition.diagnostics !== null;
  const [tuningPhase, trainingPhase, scoringPhase, diagnosticsPhase] = created.phases;
  return {
    name,
    study: isDone ? study : { ...study, seeds: study.seeds.slice(0, 1) },
    comparison: {
      ...created,
      status,
      phases: [
        { ...tuningPhase!, status: design.trials.length === 0 ? 'left out' : 'done', done: tuning.length },
        {
          ...trainingPhase!,
          status: isDone ? 'done' : 'running',
          done: finals.filter((run) => run.status === 'completed' || run.status === 'failed').length,
          failed,
        },
        { ...scoringPhase!, status: isDone ? 'done' : 'waiting', done: assessments.length },
        isLookedInto
          ? { ...diagnosticsPhase!, status: 'done', done: looked.length, total: looked.length }
          : diagnosticsPhase!,
      ],
      tuning:
        design.trials.length === 0
          ? null
          : {
              trials: design.trials,
              chosen: arms.map(({ name: arm, loss }, index) => ({
                arm,
                shots: null,
                trial: design.trials[2 + index] ?? null,
                loss,
              })),
            },
      runs: [...tuning, ...finals],
      tasks: [
        { task: 'held-out', items, chance: null, majority: null, notices: [] },
        ...(study.draws
          ? [{ task: 'pictures', items, chance: null, majority: null, notices: [seenBy] }]
          : []),
        ...(study.shots || study.draws
          ? []
          : [{ task: 'ARC-Easy', items, chance: 0.25, majority: 0.27, notices: [] }]),
      ],
      assessments,
      diagnostics: isLookedInto
        ? { status: 'completed', error: null, runIds: looked.map(({ runId }) => runId) }
        : created.diagnostics,
      problems: Object.entries(problems).map(
        ([run, problem]) => `${run.replace(/ (\d+)$/, ', seed $1')}: ${problem}`,
      ),
      startedAt: created.createdAt,
      endedAt: isDone ? created.createdAt : null,
    },
  };
};

const materials = [
  'banded',
  'bubbly',
  'cracked',
  'dotted',
  'frilly',
  'grid',
  'lined',
  'meshed',
  'pleated',
  'swirly',
  'woven',
  'zigzagged',
];

export const sampleStudies: SampleStudy[] = [
  made('over shots', 'LoRA against NoRA on textures, 1 to 16 shots', {
    arms: [
      { ...lora, name: 'LoRA r2', skill: 0.42 },
      { ...nora, name: 'NoRA 16/2', skill: 0.5 },
    ],
    seeds: [1, 2, 3],
    items: 120,
    baseSkill: 0.36,
    tuned: false,
    classes: materials,
    shots: [1, 4, 16],
  }),
  made('answered', 'LoRA against NoRA at equal parameters', {
    arms: [lora, nora],
    seeds: [0, 1, 2, 3, 4],
    items: 400,
    baseSkill: 0.31,
    margin: 0.01,
  }),
  made(
    'running',
    'LoRA and NoRA, under way',
    { arms: [lora, nora], seeds: [0, 1, 2], items: 120, baseSkill: 0.31 },
    'training',
  ),
  made('at chance', 'SmolLM2 on ARC-Easy, 40 steps', {
    arms: [
      { ...lora, skill: 0.255, loss: 0.207 },
      { ...nora, skill: 0.245, loss: 0.209 },
    ],
    seeds: [0, 1, 2],
    items: 200,
    baseSkill: 0.25,
    tuned: false,
  }),
  made('one seed', 'One seed only', {
    arms: [lora, nora],
    seeds: [0],
    items: 200,
    baseSkill: 0.31,
    tuned: false,
    classes: ['arts', 'science', 'sport', 'world politics'],
  }),
  made('failed seeds', 'With seeds that failed', {
    arms: [lora, nora],
    seeds: [0, 1, 2],
    items: 200,
    baseSkill: 0.31,
    tuned: false,
    problems: { 'NoRA 64/38 1': 'the loss is not a number at step 31', 'NoRA 64/38 2': 'out of memory' },
  }),
  made('drawing', 'LoRA against NoRA on my dog', {
    arms: [
      { ...lora, skill: 0.52 },
      { ...nora, skill: 0.58 },
    ],
    seeds: [1, 2, 3],
    items: 8,
    baseSkill: 0.3,
    tuned: false,
    draws: true,
  }),
  made('many arms', 'Four methods', {
    arms: [
      lora,
      nora,
      { ...lora, name: 'PiSSA r16', method: 'pissa', skill: 0.5 },
      { ...lora, name: 'DoRA r16', method: 'dora', parameters: 152_000 },
    ],
    seeds: [0, 1, 2],
    items: 200,
    baseSkill: 0.31,
  }),
];
