import type { Dataset } from '../../data/files/dataset-file.ts';
import type { DatasetFormat } from '../../data/files/dataset-format.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { invalidInput } from '../../errors.ts';
import { examplesNotice, shownExamples } from '../examples/shown-examples.ts';
import { chanceAmong, commonestShare } from '../guessing.ts';
import { encodeContinuation } from '../likelihood/continuation.ts';
import type { ScoredSequence } from '../likelihood/scored-sequence.ts';
import type { LikelihoodItem, PreparedTask } from '../prepared-task.ts';
import type { TaskOf } from '../task.ts';
import { completionFormat, completionTexts, encodeAsTrained } from './as-trained.ts';
import type { PlacedChoiceItem } from './choice-item.ts';
import { judgeChoices, type JudgedChoices } from './judge-choices.ts';
import type { ChoicePromptName } from './prompt-names.ts';
import { choicePrompts } from './prompts.ts';
import { readChoices, type ReadChoices } from './read-choices.ts';

export interface ChoiceTaskOptions {
  readonly task: TaskOf<'choices'>;
  readonly dataset: Dataset;
  readonly tokenizer: Tokenizer;
  /** Of the model. */
  readonly positions: number;
  /** For the prompt `as-trained`; null for others. */
  readonly format: DatasetFormat | null;
  /** The file that the task's examples are of; null where it shows none. */
  readonly examples: Dataset | null;
}

/** A choice as it is scored, and the text whose length counts. */
interface EncodedChoice {
  readonly prompt: string;
  readonly text: string;
  readonly sequence: ScoredSequence;
  readonly cut: boolean;
}

type EncodeChoice = (item: PlacedChoiceItem, choice: number, sourceRow: number) => EncodedChoice;
type HarnessPrompt = Exclude<ChoicePromptName, 'as-trained'>;

/** Reads a file of multiple choice questions and encodes each choice with its question. */
export const prepareChoices = (options: ChoiceTaskOptions): PreparedTask => {
  const { task, dataset } = options;
  const read = readChoices(dataset, task.limit);
  const prompt = task.prompt ?? read.form.prompt;
  const encode =
    prompt === 'as-trained'
      ? asTrained(options)
      : inHarness(options, prompt, examplesBefore(options, read, prompt));
  const scores = choicePrompts[prompt === 'as-trained' ? 'arc' : prompt].scores;
  let cut = 0;
  const likelihood = read.items.map((item, sourceRow): LikelihoodItem => {
    const encoded = item.choices.map((_, choice) => encode(item, choice, sourceRow));
    if (prompt === 'as-trained' && new Set(encoded.map(({ text }) => text)).size < encoded.length)
      throw invalidInput(
        `${item.place}: the completion is the same for several choices, so the format's columns do not say which is right`,
      );
    if (encoded.some((each) => each.cut)) cut += 1;
    const judged: JudgedChoices = {
      item: sourceRow,
      prompt: encoded[0]!.prompt,
      choices: encoded.map(({ text }) => text),
      labels: item.labels,
      answer: item.answer,
      scores,
    };
    return {
      item: sourceRow,
      sequences: encoded.map(({ sequence }) => sequence),
      judge: (outcomes) =>
        judgeChoices(
          judged,
          outcomes.map(({ logLikelihood }) => logLikelihood),
        ),
    };
  });
  return {
    facts: {
      task: task.name,
      items: likelihood.length,
      chance: chanceAmong(read.items.map(({ choices }) => choices.length)),
      majority: commonestShare(read.items.map(({ labels, answer }) => labels[answer]!)),
      notices: noticesOf(options, read, prompt, cut),
    },
    likelihood,
    written: [],
    drawn: [],
    measured: [],
    pictures: [],
  };
};

/** What stands before each question; nothing where the task shows no examples. */
const examplesBefore = (
  { task, examples: dataset }: ChoiceTaskOptions,
  { items }: ReadChoices,
  prompt: HarnessPrompt,
): string[] => {
  if (task.examples === null || dataset === null) return items.map(() => '');
  const { put } = choicePrompts[prompt];
  const solved = readChoices(dataset).items;
  return shownExamples({
    examples: task.examples,
    dataset,
    solve: (row) => {
      const item = solved[row]!;
      const { context, continuation } = put(item, item.choices[item.answer]!);
      return { question: questionOf(item), text: context + continuation };
    },
    questions: items.map((item) => ({ question: questionOf(item), place: item.place })),
  });
};

const questionOf = ({ passage, question, choices }: PlacedChoiceItem): string =>
  JSON.stringify([passage, question, choices]);

const inHarness = (
  { tokenizer, positions }: ChoiceTaskOptions,
  prompt: HarnessPrompt,
  before: readonly string[],
): EncodeChoice => {
  const { put } = choicePrompts[prompt];
  return (item, choice, sourceRow) => {
    const text = item.choices[choice]!;
    const { context, continuation } = put(item, text);
    const encoded = encodeContinuation(
      tokenizer,
      { context: before[sourceRow]! + context, continuation },
      { positions, sourceRow },
    );
    if (encoded === undefined)
      throw invalidInput(
        `${item.place}: choice ${item.labels[choice]} can't be scored: it has no token of its own, or more than the model's ${positions} positions`,
      );
    return { prompt: context, text, ...encoded };
  };
};

const asTrained = ({ task, format: given, tokenizer, positions }: ChoiceTaskOptions): EncodeChoice => {
  const format = completionFormat(given, task.name);
  return (item, choice, sourceRow) => {
    const texts = completionTexts(item.rowFor(choice), format, item.place);
    const encoded = encodeAsTrained(tokenizer, texts, { positions, sourceRow });
    if (encoded === undefined)
      throw invalidInput(
        `${item.place}: choice ${item.labels[choice]} can't be scored: as trained its completion has more than the model's ${positions} positions`,
      );
    if (texts.completion === '' || encoded.sequence.scored.length === 0)
      throw invalidInput(
        `${item.place}: the completion "${format.completion}" is empty, so nothing is scored`,
      );
    return { prompt: texts.prompt, text: texts.completion, ...encoded };
  };
};

const noticesOf = (
  { task, dataset: { name }, positions, examples }: ChoiceTaskOptions,
  { form, items }: ReadChoices,
  prompt: ChoicePromptName,
  cut: number,
): string[] => {
  const notices: string[] = [];
  if (task.examples !== null && examples !== null)
    notices.push(`${name}: ${examplesNotice(task.examples, examples.name)}`);
  if (form.notice !== undefined) notices.push(`${name}: ${form.notice}`);
  if (form.open !== undefined && task.prompt === null)
    notices.push(`${name}: put as ${form.prompt}; ${form.open}`);
  if (prompt === 'as-trained')
    notices.push(
      `${name}: put as in training, so the numbers are not comparable with those of lm-evaluation-harness`,
    );
  if (cut > 0)
    notices.push(
      `${name}: ${cut} of ${items.length} questions are longer than the model's ${positions} positions and lost their beginning, as in lm-evaluation-harness`,
    );
  return notices;
};
