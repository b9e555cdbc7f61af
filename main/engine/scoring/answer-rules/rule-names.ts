/** Rules that take an answer out of what a model wrote; what each does is in `rules.ts`. Pure: schemas of a browser take them from here. */
export const answerRuleNames = [
  'llm-adapters-true-false',
  'llm-adapters-solution',
  'llm-adapters-answer',
  'llm-adapters-ending',
  'llm-adapters-option',
  'llm-adapters-number',
  'llm-adapters-letter',
  'gsm8k-strict',
  'gsm8k-flexible',
  'exact-match',
  'exact-match-normalised',
] as const;

export type AnswerRuleName = (typeof answerRuleNames)[number];
