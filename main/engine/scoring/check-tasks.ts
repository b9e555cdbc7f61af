import { invalidInput, WorkbenchError } from '../errors.ts';
import type { ObjectiveName } from '../objective-names.ts';
import { takesFormat, type Judged } from '../objectives/facts.ts';
import { taskKindLabels, type Task, type TaskKind } from './task.ts';

const kindsOf: Readonly<Record<ObjectiveName, readonly TaskKind[]>> = {
  'next-token': ['held-out', 'text', 'choices', 'answers'],
  classification: ['held-out', 'text', 'classes'],
  // The part to test on, whose classes are its answers.
  'class-prompts': ['held-out'],
  'image-captions': [],
  'caption-matches': [],
  // Losses of its held-out pictures.
  noise: ['held-out', 'drawn'],
  'picture-embeddings': [],
};

/** Whether a model of the objective can be asked such a task. Pure: forms ask it before anybody writes one. */
export const takesTask = (objective: ObjectiveName, kind: TaskKind): boolean =>
  kindsOf[objective].includes(kind);

const whatItIs: Readonly<Record<ObjectiveName, string>> = {
  'next-token': 'predicts the next token',
  classification: 'is a classifier',
  'class-prompts': 'compares pictures with texts',
  'image-captions': 'compares pictures with texts',
  'caption-matches': 'compares pictures with texts',
  noise: 'draws pictures',
  'picture-embeddings': 'embeds pictures',
};

/**
 * Refuses tasks that can't be scored on such a model, before anything is read. Pure: forms ask it too.
 * @param ofData the format of the data that is trained on; null where there is none
 * @throws WorkbenchError naming the task
 */
export const checkTasks = (tasks: readonly Task[], objective: ObjectiveName, ofData: Judged | null): void => {
  const names = tasks.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw invalidInput(`tasks: "${twice}" is there twice; give each a name of its own`);
  for (const task of tasks) {
    const { name, kind } = task;
    if (!takesTask(objective, kind))
      throw new WorkbenchError(
        'unsupported',
        `task ${name}: the model ${whatItIs[objective]}, which "${taskKindLabels[kind]}" can't be asked of`,
      );
    const needsData = kind === 'held-out' || kind === 'drawn' || (kind === 'classes' && task.file === null);
    if (needsData && ofData === null)
      throw invalidInput(`task ${name}: there is no data set whose rows are held out; name a file`);
    const format = kind === 'held-out' ? ofData : 'format' in task && kind !== 'choices' ? task.format : null;
    checkExamples(task);
    if (format === null) continue;
    if (!takesFormat(objective, format))
      throw new WorkbenchError(
        'unsupported',
        `task ${name}: the model ${whatItIs[objective]}, which rows of the format "${format.kind}" are not for`,
      );
  }
};

const checkExamples = (task: Task): void => {
  if (!('examples' in task) || task.examples === null) return;
  if (task.kind === 'choices' && task.prompt === 'as-trained')
    throw invalidInput(
      `task ${task.name}: the prompt "as-trained" is that of training, which shows no examples; leave out one of the two`,
    );
};
