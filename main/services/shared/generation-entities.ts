import { z } from 'zod';
import { baseFormats } from '../../engine/base/base-format.ts';
import { promptSchema } from '../../engine/data/chat/prompt.ts';
import { dateSchema, standardDate } from '../../engine/data/chat/template-date.ts';
import { errorCodes } from '../../engine/errors.ts';
import { generationSettingsSchema } from '../../engine/generation/generation-settings.ts';
import {
  answeredRowSchema,
  mostAlternatives,
  mostArms,
  mostRows,
  promptTokensSchema,
  tokenNewsSchema,
} from '../../trainer/protocol/generate-schema.ts';

/** What the window and the command line say to models that write, and hear of them. Pure, as entities.ts. */

const id = z.string().min(1);

/** Names of an answer may be chosen by whoever asks, so that no event of it comes before they know it. */
const answerId = z.string().regex(/^[\w-]{8,64}$/, 'expected 8 to 64 letters, digits, - or _');

export const generationRequestSchema = z.strictObject({
  id: z.exactOptional(answerId),
  modelId: id, // id or name
  /** Who answers: null is the model itself, anything else an adapter on it, by id or name. */
  arms: z.array(id.nullable()).min(1).max(mostArms),
  rows: z
    .array(
      z.strictObject({
        /** Which of the arms, from 0. */
        arm: z.int().min(0),
        prompt: promptSchema,
        settings: generationSettingsSchema.prefault({}),
      }),
    )
    .min(1)
    .max(mostRows),
  /** What chat templates that ask for the date are told. */
  date: dateSchema.default(standardDate),
  /** The likeliest tokens that are told beside each that was drawn. */
  alternatives: z.int().min(0).max(mostAlternatives).default(0),
  /** Whether prompts and tokens are told as they come, not only the answers. */
  stream: z.boolean().default(true),
  /** How the base's weights are held. */
  baseFormat: z.enum(baseFormats).default('fp32'),
});

export const generationDefaultsSchema = z.strictObject({
  /** Where nobody says otherwise: greedy, and what the model's generation_config.json says. */
  settings: generationSettingsSchema,
  /** Which settings that file has a part in, and by which of its keys. */
  fromModel: z.array(generationSettingsSchema.keyof()).readonly(),
  keys: z.array(z.string()).readonly(),
  hasChatTemplate: z.boolean(),
});

/** The model that is in memory to answer, if one is. */
export const generationStateSchema = z.strictObject({
  session: z
    .strictObject({
      modelId: id,
      modelName: z.string(),
      /** Adapters' ids; null is the model itself. */
      arms: z.array(id.nullable()),
      baseFormat: z.enum(baseFormats),
      state: z.enum(['loading', 'answering', 'idle']),
      notices: z.array(z.string()),
    })
    .nullable(),
  /** Questions that wait for the one in hand. */
  waiting: z.int(),
});

export const generationPromptsSchema = z.strictObject({
  id,
  prompts: z.array(promptTokensSchema),
  notices: z.array(z.string()),
});

export const generationTokensSchema = z.strictObject({ id, tokens: z.array(tokenNewsSchema) });

export const generationEndSchema = z.strictObject({
  id,
  /** In the order of the question; null where it was not answered: refused, or cancelled before it began. */
  rows: z.array(answeredRowSchema).nullable(),
  seconds: z.number().nullable(),
  error: z.strictObject({ code: z.enum(errorCodes), message: z.string() }).nullable(),
});

export const voteChoices = ['left', 'right', 'tie', 'both-bad'] as const;

/** One judgement of two answers to the same prompt. An adapter is its id; null is the model itself. */
export const voteSchema = z.strictObject({
  modelId: id,
  left: z.strictObject({ adapterId: id.nullable(), answer: z.string() }),
  right: z.strictObject({ adapterId: id.nullable(), answer: z.string() }),
  choice: z.enum(voteChoices),
  /** What both were asked, and how. */
  prompt: promptSchema,
  settings: generationSettingsSchema,
});

/** Votes on a pair, added up. */
export const tallySchema = z.strictObject({
  modelId: id,
  modelName: z.string(),
  pair: z
    .tuple([
      z.strictObject({ adapterId: id.nullable(), name: z.string() }),
      z.strictObject({ adapterId: id.nullable(), name: z.string() }),
    ])
    .readonly(),
  /** Votes for the first and the second of the pair. */
  wins: z.tuple([z.int(), z.int()]).readonly(),
  ties: z.int(),
  bothBad: z.int(),
  votes: z.int(),
  /** Of an exact sign test, two-sided, over the votes for one of the two; null where there are none. */
  p: z.number().nullable(),
  /** In words. */
  verdict: z.string(),
});

export type GenerationRequestInput = z.input<typeof generationRequestSchema>;
/** What models wrote, in the order of the question. */
export interface GenerationAnswer {
  readonly rows: readonly z.output<typeof answeredRowSchema>[];
  readonly seconds: number;
}
export type VoteChoice = (typeof voteChoices)[number];
export type GenerationRequest = z.output<typeof generationRequestSchema>;
export type GenerationDefaults = z.output<typeof generationDefaultsSchema>;
export type GenerationState = z.output<typeof generationStateSchema>;
export type GenerationEnd = z.output<typeof generationEndSchema>;
export type Vote = z.output<typeof voteSchema>;
export type Tally = z.output<typeof tallySchema>;
