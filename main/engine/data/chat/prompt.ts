import { z } from 'zod';

/** A turn, with whatever else a template may read of it. */
export const promptMessageSchema = z.looseObject({
  role: z.string().min(1),
  content: z.string(),
});

/** What a model is asked to go on from. Pure: a browser can import this. */
export const promptSchema = z.discriminatedUnion('form', [
  /** As it stands, with what the tokenizer puts before a text (BOS). */
  z.strictObject({ form: z.literal('text'), text: z.string() }),
  /** Through the model's chat template, with what opens the assistant's turn behind it. */
  z.strictObject({
    form: z.literal('chat'),
    messages: z.array(promptMessageSchema).min(1),
    tools: z.exactOptional(z.array(z.record(z.string(), z.json()))),
    documents: z.exactOptional(z.array(z.record(z.string(), z.json()))),
  }),
]);

export type PromptMessage = z.output<typeof promptMessageSchema>;
export type Prompt = z.output<typeof promptSchema>;
