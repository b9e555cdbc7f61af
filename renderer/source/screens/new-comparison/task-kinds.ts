import { drawSettingsSchema, objectiveFacts, pictureMeasures } from '../../../../main/api/contract.ts';
import { drawsPictures } from '../../format/model.ts';
import { seesPictures } from '../new-experiment/picture-settings.ts';
import type { DatasetFormat, Model, ScoreName, Task, TaskKind } from '../../../../main/api/contract.ts';

/** What a kind of task scores: a margin can be named for each. */
const scoresOfKind: Readonly<Record<TaskKind, readonly ScoreName[]>> = {
  'held-out': ['loss', 'perplexity'],
  text: ['loss', 'perplexity'],
  choices: ['accuracy', 'accuracy_characters', 'accuracy_bytes'],
  answers: ['accuracy'],
  classes: ['accuracy', 'f1'],
  drawn: [],
};

/** Of pictures the held-out part has classes, which of them is right; of a model that draws them, noise to tell. */
export const scoresOf = (
  task: Task,
  model: Model | undefined,
  models: readonly Model[],
): readonly ScoreName[] => {
  const { kind } = task;
  if (kind === 'drawn') return measuredBy(task.models, models);
  if (model !== undefined && drawsPictures(model)) return ['denoising_loss'];
  return seesPictures(model) ? ['accuracy', 'class_accuracy', 'f1', 'loss'] : scoresOfKind[kind];
};

/** Of those who measure drawn pictures, as far as they are there. */
const measuredBy = (wanted: readonly string[], models: readonly Model[]): readonly ScoreName[] => {
  const measures = models
    .filter(({ id, name }) => wanted.includes(id) || wanted.includes(name))
    .flatMap(({ architecture }) => pictureMeasures[architecture] ?? []);
  return [...measures.map(({ subject }) => subject), ...measures.flatMap(({ prompt }) => prompt ?? [])];
};

/** What a limit counts. */
export type TaskItems = 'Pictures' | 'Draws of noise' | 'Rows';
export const itemsOf = (model: Model | undefined): TaskItems => {
  if (model !== undefined && drawsPictures(model)) return 'Draws of noise';
  return seesPictures(model) ? 'Pictures' : 'Rows';
};

/** Kinds that one can add; the held-out rows are always there. */
export const addedKinds = [
  'choices',
  'answers',
  'classes',
  'text',
  'drawn',
] as const satisfies readonly TaskKind[];
export type AddedKind = (typeof addedKinds)[number];

const starts: { readonly [K in AddedKind]: () => Task } = {
  choices: () => ({
    kind: 'choices',
    name: '',
    file: '',
    separator: null,
    limit: null,
    prompt: null,
    format: null,
    examples: null,
  }),
  answers: () => ({
    kind: 'answers',
    name: '',
    file: '',
    separator: null,
    limit: null,
    format: null,
    rule: 'gsm8k-flexible',
    answerColumn: null,
    maximumTokens: null,
    examples: null,
  }),
  classes: () => ({ kind: 'classes', name: '', file: null, separator: null, limit: null, format: null }),
  drawn: () => ({
    ...drawSettingsSchema.omit({ clipSkip: true }).parse({}),
    ...{
      kind: 'drawn',
      name: '',
      limit: null,
      models: [],
      prompts: [''],
      seeds: [0, 1, 2, 3],
      leaveOut: null,
    },
  }),
  text: () => ({ kind: 'text', name: '', file: '', separator: null, limit: null, format: null }),
};

/** A task to fill in, named after its kind where nobody else is. */
export const newTask = (kind: AddedKind, taken: readonly string[]): Task => {
  const plain = kind;
  let name: string = plain;
  for (let number = 2; taken.includes(name); number++) name = `${plain} ${number}`;
  return { ...starts[kind](), name };
};

type OfTask<Field extends string> = Extract<Task, { [K in Field]: unknown }>;
type FormatKind = DatasetFormat['kind'];

/** Where a part of each row is to be told, others have no such part; undefined takes all that the model does. */
const formatKinds: { readonly [K in OfTask<'format'>['kind']]: readonly FormatKind[] | undefined } = {
  text: undefined,
  choices: ['prompt-completion'],
  answers: ['prompt-completion', 'chat'],
  classes: ['classification'],
};

/** How rows of the task's file can be read. */
export const formatKindsOf = (
  { kind }: OfTask<'format'>,
  objective: Model['objective'] | undefined,
): readonly FormatKind[] =>
  formatKinds[kind] ?? objectiveFacts[objective ?? 'next-token'].formats.filter((one) => one !== 'pictures');

/** Choices have one for the prompt of training only. What is there is shown, whether it counts or not. */
export const asksForFormat = (task: Task): task is OfTask<'format'> =>
  'format' in task && (task.kind !== 'choices' || task.prompt === 'as-trained' || task.format !== null);

/** The prompt of training shows none. What is there is shown, so that it can be taken back. */
export const asksForExamples = (task: Task): task is OfTask<'examples'> =>
  'examples' in task && (task.kind !== 'choices' || task.prompt !== 'as-trained' || task.examples !== null);
