import type { Classes } from '../../engine/data/examples/class-labels.ts';
import type { Examples } from '../../engine/data/examples/examples.ts';
import { checkVocabulary } from '../../engine/data/examples/vocabulary-check.ts';
import { dayOf } from '../../engine/data/chat/template-date.ts';
import { readDatasetFile, type Dataset } from '../../engine/data/files/dataset-file.ts';
import { usedColumns, type DatasetFormat } from '../../engine/data/files/dataset-format.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { Model } from '../../engine/models/model.ts';
import { checkFormat } from '../../engine/objectives/checks.ts';
import { textObjectiveOf } from '../../engine/objectives/index.ts';
import { answerRules } from '../../engine/scoring/answer-rules/rules.ts';
import { prepareAnswers } from '../../engine/scoring/answers/prepare-answers.ts';
import { prepareChoices } from '../../engine/scoring/choices/prepare-choices.ts';
import { prepareClasses } from '../../engine/scoring/classes/prepare-classes.ts';
import { prepareLosses } from '../../engine/scoring/losses/prepare-losses.ts';
import type { PreparedTask } from '../../engine/scoring/prepared-task.ts';
import { checkTasks } from '../../engine/scoring/check-tasks.ts';
import { taskFormat } from '../../engine/scoring/task-format.ts';
import type { Task, TaskKind, TaskOf } from '../../engine/scoring/task.ts';
import { prepareData, type RunData } from '../run/run-data.ts';
import { rowsSourceOf, type RowsSource } from '../protocol/dataset-source.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';

/** What is scored, on rows of texts. */
type RowsScoring = Omit<ScoreSpecification, 'dataset'> & { readonly dataset: RowsSource | null };

interface Preparing {
  readonly specification: RowsScoring;
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly classes: Classes | null;
  /** Read once, when a task asks for it. */
  readonly heldOut: () => RunData;
}

/**
 * Reads the file of each task and tokenizes it.
 * @throws WorkbenchError naming the task, or file and line, of what can't be scored
 */
export const prepareTasks = (
  specification: ScoreSpecification,
  model: Model,
  tokenizer: Tokenizer,
  classes: Classes | null,
): PreparedTask[] => {
  const { tasks } = specification;
  const dataset = specification.dataset && rowsSourceOf(specification.dataset, 'tasks are made');
  checkTasks(tasks, model.architecture.objective, dataset?.format ?? null);
  let data: RunData | undefined;
  const preparing: Preparing = {
    specification: { ...specification, dataset },
    model,
    tokenizer,
    classes,
    heldOut: () => (data ??= readHeldOut(preparing)),
  };
  return tasks.map((task) => prepareTask(task, preparing));
};

const prepareTask = <Kind extends TaskKind>(task: TaskOf<Kind>, preparing: Preparing): PreparedTask =>
  preparers[task.kind](task, preparing);

type Prepare<Kind extends TaskKind> = (task: TaskOf<Kind>, preparing: Preparing) => PreparedTask;

const preparers: { readonly [Kind in TaskKind]: Prepare<Kind> } = {
  'held-out': (task, preparing) => ofRows(task, preparing, heldOutRows(task, preparing)),
  text: (task, preparing) => ofRows(task, preparing, rowsOfFile(task, task.file, preparing)),
  classes: (task, preparing) =>
    ofRows(
      task,
      preparing,
      task.file === null ? heldOutRows(task, preparing) : rowsOfFile(task, task.file, preparing),
    ),
  choices: (task, { specification, model, tokenizer }) => {
    const dataset = readTaskFile(task.file, task);
    return prepareChoices({
      task,
      dataset,
      tokenizer,
      positions: model.architecture.maximumPositions,
      format: task.prompt === 'as-trained' ? formatOf(task, dataset, specification) : null,
      examples: examplesOf(task),
    });
  },
  answers: (task, { specification, model, tokenizer }) => {
    const dataset = readTaskFile(task.file, task);
    return prepareAnswers({
      task,
      dataset,
      tokenizer,
      positions: model.architecture.maximumPositions,
      format: formatOf({ ...task, format: task.format ?? shownAs(task, dataset) }, dataset, specification),
      date: dayOf(specification.date),
      examples: examplesOf(task),
    });
  },
  drawn: ({ name }) => {
    throw new WorkbenchError(
      'unsupported',
      `task ${name}: only a model that draws can be asked for pictures`,
    );
  },
};

const readTaskFile = (
  file: string,
  {
    limit,
    separator,
  }: { readonly limit: number | null; readonly separator: Extract<Task, { file: string }>['separator'] },
): Dataset => readDatasetFile(file, { separator, ...(limit !== null && { mostRows: limit }) });

const examplesOf = ({ examples, separator }: TaskOf<'choices'> | TaskOf<'answers'>): Dataset | null =>
  examples === null ? null : readDatasetFile(examples.file, { separator });

/** The rule's own form, where examples are shown and the file has its columns. */
const shownAs = ({ examples, rule }: TaskOf<'answers'>, { rows }: Dataset): DatasetFormat | null => {
  const form = answerRules[rule].shownAs;
  if (examples === null || form === undefined) return null;
  const first = rows.at(0);
  return usedColumns(form).every((column) => Object.hasOwn(first, column)) ? form : null;
};

const formatOf = (
  task: Parameters<typeof taskFormat>[0],
  file: Dataset,
  { dataset }: RowsScoring,
): DatasetFormat => taskFormat(task, file, dataset?.format ?? null);

/** Rows that are scored as training would see them. */
type Rows = Pick<RunData, 'notices'> & { readonly examples: RunData['validation'] };

const ofRows = ({ name }: Task, { classes, tokenizer }: Preparing, rows: Rows): PreparedTask => {
  const task = { name, ...rows, tokenizer };
  return classes === null ? prepareLosses(task) : prepareClasses({ ...task, classes });
};

const heldOutRows = ({ limit }: Task, { heldOut }: Preparing): Rows => {
  const { validation, notices } = heldOut();
  return { examples: validation.slice(0, limit ?? undefined), notices };
};

const readHeldOut = ({ specification, model, tokenizer, classes }: Preparing): RunData => {
  const { dataset, seed, date, lossOn, sequenceLength } = specification;
  if (dataset === null)
    throw new WorkbenchError('invalid-input', 'dataset: there is none to hold rows out from');
  checkFormat(model.architecture.objective, dataset.format);
  const { trainFile, validationFile, trainSeparator, validationSeparator } = dataset;
  const sources = {
    train: readDatasetFile(trainFile, { separator: trainSeparator }),
    validation:
      validationFile === null ? null : readDatasetFile(validationFile, { separator: validationSeparator }),
  };
  return prepareData(
    { dataset, seed, date, training: { lossOn, sequenceLength } },
    sources,
    classes,
    model,
    tokenizer,
  );
};

const rowsOfFile = (
  task: TaskOf<'text'> | TaskOf<'classes'>,
  file: string,
  { specification, model, tokenizer, classes }: Preparing,
): Rows => {
  const { lossOn, date, sequenceLength: maxLength } = specification;
  const dataset = readTaskFile(file, task);
  const format = formatOf(task, dataset, specification);
  checkFormat(model.architecture.objective, format);
  const request = { dataset, format, tokenizer, classes, lossOn, date: dayOf(date), maxLength };
  const { examples, report, notices } = textObjectiveOf(model.architecture).examples(request);
  checkVocabulary(examples, model.architecture.vocabularySize, dataset.name, model.folder.directory);
  return { examples, notices: [...lengthNotices(dataset.name, report, maxLength), ...notices] };
};

const lengthNotices = (
  name: string,
  { truncated, withoutTargets, rows }: Examples['report'],
  maxLength: number,
): string[] => [
  ...(truncated > 0
    ? [`${name}: ${truncated} of ${rows} rows are longer than ${maxLength} tokens and were cut`]
    : []),
  ...(withoutTargets > 0
    ? [`${name}: ${withoutTargets} of ${rows} rows were left out: no token in them carries loss`]
    : []),
];
