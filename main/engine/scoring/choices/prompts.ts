import type { ScoreName } from '../scores.ts';
import { invalidInput } from '../../errors.ts';
import type { ChoiceItem, PlacedChoiceItem } from './choice-item.ts';
import type { ChoicePromptName } from './prompt-names.ts';

/** What is scored for a choice: how likely is the continuation after the context? */
export interface PutChoice {
  readonly context: string;
  readonly continuation: string;
}

export interface ChoicePrompt {
  /** @throws WorkbenchError naming file and line of a row that can't be put so */
  readonly put: (item: PlacedChoiceItem, choice: string) => PutChoice;
  /** What is scored; lm-evaluation-harness names acc and acc_norm for most, and any of its tasks can be asked for acc_bytes. */
  readonly scores: readonly ScoreName[];
}

const byAnyLength: readonly ScoreName[] = ['accuracy', 'accuracy_characters', 'accuracy_bytes'];

/** The choice follows the question, behind a space. */
const behind = (context: (item: ChoiceItem) => string): ChoicePrompt => ({
  put: (item, choice) => ({ context: context(item), continuation: ` ${choice}` }),
  scores: byAnyLength,
});

const asked = (question: string): string => `Question: ${question}\nAnswer:`;

/** A question mark of its own: the harness' template has one. */
const withoutMark = (question: string): string => question.replace(/\?$/, '');

const partsOf = ({ question, place }: PlacedChoiceItem): [string, string] => {
  const blank = question.indexOf('_');
  if (blank === -1) throw invalidInput(`${place}: the sentence has no blank (_) to be filled`);
  return [question.slice(0, blank), question.slice(blank + 1).trim()];
};

/** Of lm-evaluation-harness 0.4.13, zero-shot, by the name of its task. */
export const choicePrompts: Readonly<Record<Exclude<ChoicePromptName, 'as-trained'>, ChoicePrompt>> = {
  arc: behind(({ question }) => asked(question)),
  openbookqa: behind(({ question }) => question),
  piqa: behind(({ question }) => asked(question)),
  social_iqa: behind(({ passage, question }) => `Q: ${passage === '' ? '' : `${passage} `}${question}\nA:`),
  hellaswag: behind(({ question }) => question),
  boolq: behind(
    ({ passage, question }) =>
      `${passage === '' ? '' : `${passage}\n`}Question: ${withoutMark(question)}?\nAnswer:`,
  ),
  /** Partial scoring: the choice stands in the context, and what follows the blank is scored. It is the same for all, so no length counts. */
  winogrande: {
    put: (item, choice) => {
      const [before, after] = partsOf(item);
      return { context: `${before}${choice}`, continuation: ` ${after}` };
    },
    scores: ['accuracy'],
  },
};
