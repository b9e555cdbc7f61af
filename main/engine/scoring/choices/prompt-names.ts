/**
 * How a multiple choice question is put to the model. All but the last are the prompts of the tasks of that name of lm-evaluation-harness
 * 0.4.13 (`prompts.ts` has them); `as-trained` puts it as the data's own format does in training. They give different numbers. Pure.
 */
export const choicePromptNames = [
  'arc',
  'openbookqa',
  'piqa',
  'social_iqa',
  'winogrande',
  'hellaswag',
  'boolq',
  'as-trained',
] as const;

export type ChoicePromptName = (typeof choicePromptNames)[number];
