import type {
  AnsweredRow,
  GeneratedToken,
  Prompt,
  PromptMessage,
  PromptTokens,
} from '../../../../main/api/contract.ts';

/** Who answers: an adapter's id; null is the model itself. */
export type Arm = string | null;

export interface Answer {
  arm: Arm;
  tokens: GeneratedToken[];
  /** Set once it is whole. */
  row: AnsweredRow | null;
  prompt: PromptTokens | null;
}

/** What was asked once, and what each arm answers. */
export interface Turn {
  /** Of the question, as events name it. */
  id: string;
  asked: string;
  /** Undefined where what was asked is a text to go on from. */
  system: string | undefined;
  form: Prompt['form'];
  answers: Answer[];
  isWriting: boolean;
  error: string | null;
  seconds: number | null;
  notices: string[];
}

export const textOf = ({ row, tokens }: Answer): string =>
  row?.text ?? tokens.map(({ text }) => text).join('');

/** A turn that failed leaves no trace in what comes after it. */
export const isPart = ({ error }: Turn): boolean => error === null;

/** What an arm is asked now: what has been said to it and by it, and the new message. */
export const promptFor = (
  turns: readonly Turn[],
  arm: Arm,
  { asked, form, system }: Pick<Turn, 'asked' | 'form' | 'system'>,
): Prompt => {
  if (form === 'text') return { form, text: asked };
  const before = turns.filter(isPart).flatMap((turn): PromptMessage[] => {
    const answer = turn.answers.find((one) => one.arm === arm);
    return [
      { role: 'user', content: turn.asked },
      { role: 'assistant', content: answer === undefined ? '' : textOf(answer) },
    ];
  });
  const first: PromptMessage[] =
    system === undefined || system.trim() === '' ? [] : [{ role: 'system', content: system }];
  return { form, messages: [...first, ...before, { role: 'user', content: asked }] };
};

/** How likely a token was, in five steps for its colour. */
export const likelihoodStep = (probability: number): 0 | 1 | 2 | 3 | 4 => {
  if (probability >= 0.8) return 0;
  if (probability >= 0.5) return 1;
  if (probability >= 0.2) return 2;
  return probability >= 0.05 ? 3 : 4;
};

/** Of a few arms in an order that nobody knows. */
export const shuffled = <T>(items: readonly T[]): T[] => {
  const keys = crypto.getRandomValues(new Uint32Array(items.length));
  return items
    .map((item, at) => ({ item, key: keys[at]! }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
};
