import type { Row } from '../../data/files/dataset-file.ts';
import { isObject } from '../../json-value.ts';
import { strip } from '../../templates/python/characters.ts';
import type { ChoiceItem } from './choice-item.ts';
import { columnText } from '../../data/tokens/row-text.ts';
import { letters, numbers, textList, trimmed } from './columns.ts';
import { isOfLlmAdapters, namesInInstruction, readLlmAdapters } from './llm-adapters.ts';
import type { ChoicePromptName } from './prompt-names.ts';

/** One of the forms in which files with multiple choice questions are published. */
export interface ChoiceForm {
  readonly name: string;
  readonly recognises: (row: Row) => boolean;
  /**
   * What is not the form's but a row's own mistake is left for `readChoices`: an answer of -1, choices without text.
   * @param place file and line, for errors
   */
  readonly read: (row: Row, place: string) => ChoiceItem;
  /** How lm-evaluation-harness puts such questions. */
  readonly prompt: Exclude<ChoicePromptName, 'as-trained'>;
  /** Why its numbers are not those that others publish. */
  readonly notice?: string;
  /** Why the prompt above may not be meant: said where a task does not name one. */
  readonly open?: string;
}

const has =
  (...columns: readonly string[]) =>
  (row: Row): boolean =>
    columns.every((column) => row[column] !== undefined);

const ofLlmAdapters =
  (names: string) =>
  (row: Row): boolean =>
    isOfLlmAdapters(row) &&
    namesInInstruction(row['instruction'] as string)!
      .join('/')
      .startsWith(names);

const labelled = (row: Row): { readonly text: unknown; readonly label: unknown } | undefined => {
  const { choices } = row;
  return isObject(choices) && 'text' in choices && 'label' in choices
    ? (choices as { text: unknown; label: unknown })
    : undefined;
};

/** {question | question_stem, choices: {text, label}, answerKey}. */
const labelledChoices = (column: string): Pick<ChoiceForm, 'recognises' | 'read'> => ({
  recognises: (row) => has(column, 'answerKey')(row) && labelled(row) !== undefined,
  read: (row, place) => {
    const { text, label } = labelled(row)!;
    const labels = textList(label, `${place}, choices.label`).map((name) => name.trim());
    return {
      question: columnText(row, column, place),
      passage: '',
      choices: textList(text, `${place}, choices.text`),
      labels,
      answer: labels.indexOf(trimmed(row, 'answerKey', place)),
      rowFor: (choice) => ({ ...row, answerKey: labels[choice] }),
    };
  },
});

interface Columns {
  readonly question: string;
  readonly passage?: string;
  readonly choices: readonly string[];
  readonly answer: string;
  /** What stands in the answer's column, one for each choice. */
  readonly labels: readonly string[];
}

/** Each choice a column of its own. */
const columnChoices = ({
  question,
  passage,
  choices,
  answer,
  labels,
}: Columns): Pick<ChoiceForm, 'recognises' | 'read'> => ({
  recognises: has(question, ...choices, answer),
  read: (row, place) => ({
    question: columnText(row, question, place),
    passage: passage === undefined ? '' : columnText(row, passage, place),
    choices: choices.map((column) => columnText(row, column, place)),
    labels,
    answer: labels.indexOf(trimmed(row, answer, place)),
    rowFor: (choice) => ({ ...row, [answer]: labels[choice] }),
  }),
});

/** {question, choices: [texts], answer}: the answer is a choice's text, its letter, or its number from 0. */
const plainChoices: Pick<ChoiceForm, 'recognises' | 'read'> = {
  recognises: (row) => has('question', 'choices', 'answer')(row) && Array.isArray(row['choices']),
  read: (row, place) => {
    const choices = textList(row['choices'], `${place}, choices`);
    const given = trimmed(row, 'answer', place);
    const ways = [choices, letters(choices.length), numbers(choices.length)];
    const labels = ways.find((way) => way.includes(given)) ?? choices;
    return {
      question: columnText(row, 'question', place),
      passage: '',
      choices,
      labels,
      answer: labels.indexOf(given),
      rowFor: (choice) => ({
        ...row,
        answer: typeof row['answer'] === 'number' ? choice : labels[choice],
      }),
    };
  },
};

/** lm-evaluation-harness 0.4.13 cleans HellaSwag's texts of what WikiHow left in them. */
const cleaned = (text: string): string =>
  strip(text, null, 'both')
    .replaceAll(' [title]', '. ')
    .replaceAll(/\[.*?\]/g, '')
    .replaceAll('  ', ' ');

/** Python's `capitalize`: the first letter large, all others small. */
const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();

const hellaswag: Pick<ChoiceForm, 'recognises' | 'read'> = {
  recognises: has('activity_label', 'ctx_a', 'ctx_b', 'endings', 'label'),
  read: (row, place) => {
    const endings = textList(row['endings'], `${place}, endings`);
    const labels = numbers(endings.length);
    const text = (column: string): string => columnText(row, column, place);
    return {
      question: cleaned(`${text('activity_label')}: ${text('ctx_a')} ${capitalised(text('ctx_b'))}`),
      passage: '',
      choices: endings.map(cleaned),
      labels,
      answer: labels.indexOf(text('label').trim()),
      rowFor: (choice) => ({ ...row, label: labels[choice] }),
    };
  },
};

const yesNo: Pick<ChoiceForm, 'recognises' | 'read'> = {
  recognises: (row) => has('passage', 'question')(row) && (has('label')(row) || has('answer')(row)),
  read: (row, place) => {
    const column = row['label'] === undefined ? 'answer' : 'label';
    const given = trimmed(row, column, place).toLowerCase();
    const labels = given === 'true' || given === 'false' ? ['false', 'true'] : ['0', '1'];
    return {
      question: columnText(row, 'question', place),
      passage: columnText(row, 'passage', place),
      choices: ['no', 'yes'],
      labels,
      answer: labels.indexOf(given),
      rowFor: (choice) => ({ ...row, [column]: labels[choice] }),
    };
  },
};

/** The first that recognises a file's first row is the file's. */
export const choiceForms: readonly ChoiceForm[] = [
  {
    name: 'ARC, OpenBookQA or SIQA of LLM-Adapters',
    recognises: ofLlmAdapters('answer1/'),
    read: readLlmAdapters,
    prompt: 'arc',
    open: 'the file does not say whether it is ARC, OpenBookQA or SIQA, which lm-evaluation-harness puts in different words (arc, openbookqa, social_iqa)',
  },
  {
    name: 'PIQA of LLM-Adapters',
    recognises: ofLlmAdapters('solution1/'),
    read: readLlmAdapters,
    prompt: 'piqa',
  },
  {
    name: 'WinoGrande of LLM-Adapters',
    recognises: ofLlmAdapters('option1/'),
    read: readLlmAdapters,
    prompt: 'winogrande',
  },
  {
    name: 'HellaSwag of LLM-Adapters',
    recognises: ofLlmAdapters('ending1/'),
    read: readLlmAdapters,
    prompt: 'hellaswag',
  },
  {
    name: 'BoolQ of LLM-Adapters',
    recognises: ofLlmAdapters('true/false'),
    read: (row, place) => {
      const item = readLlmAdapters(row, place);
      return { ...item, choices: item.labels.map((label) => (label === 'true' ? 'yes' : 'no')) };
    },
    prompt: 'boolq',
    notice:
      'these rows lack the passage that each question is about, so the numbers are not comparable with published ones of BoolQ',
  },
  { name: 'ARC', ...labelledChoices('question'), prompt: 'arc' },
  { name: 'OpenBookQA', ...labelledChoices('question_stem'), prompt: 'openbookqa' },
  {
    name: 'PIQA',
    ...columnChoices({ question: 'goal', choices: ['sol1', 'sol2'], answer: 'label', labels: numbers(2) }),
    prompt: 'piqa',
  },
  {
    name: 'WinoGrande',
    ...columnChoices({
      question: 'sentence',
      choices: ['option1', 'option2'],
      answer: 'answer',
      labels: numbers(2, 1),
    }),
    prompt: 'winogrande',
  },
  {
    name: 'SIQA',
    ...columnChoices({
      question: 'question',
      passage: 'context',
      choices: ['answerA', 'answerB', 'answerC'],
      answer: 'label',
      labels: numbers(3, 1),
    }),
    prompt: 'social_iqa',
  },
  { name: 'HellaSwag', ...hellaswag, prompt: 'hellaswag' },
  { name: 'BoolQ', ...yesNo, prompt: 'boolq' },
  { name: 'questions with a list of choices', ...plainChoices, prompt: 'arc' },
  {
    name: 'questions with choices A to D',
    ...columnChoices({
      question: 'question',
      choices: letters(4),
      answer: 'answer',
      labels: letters(4),
    }),
    prompt: 'arc',
  },
];
