import type { GenerationSettings } from './generation-settings.ts';

/** Settings that decide how a token is chosen; a preset sets every one of them. */
type Choice = Pick<
  GenerationSettings,
  'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty' | 'frequencyPenalty' | 'presencePenalty'
>;

const off: Choice = {
  temperature: 0,
  topK: null,
  topP: null,
  minP: null,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
};

/** Ways to choose tokens that people ask for by name. Pure: a browser can import this. */
export const generationPresets = {
  /** The likeliest token each time. */
  greedy: off,
  balanced: { ...off, temperature: 0.7, topP: 0.9 },
  creative: { ...off, temperature: 1, minP: 0.05 },
} as const satisfies Readonly<Record<string, Choice>>;

export type GenerationPreset = keyof typeof generationPresets;
