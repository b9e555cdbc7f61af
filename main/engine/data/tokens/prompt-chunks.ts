import type { LongPrompts } from '../../diffusion/long-prompts.ts';
import { WorkbenchError } from '../../errors.ts';
import { plainLine } from '../../plain-line.ts';
import { readTextFrame } from './text-frame.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface PromptChunks {
  /** Token ids, each as long as the encoder has positions: framed, then padded, since such encoders see padding as any other token. */
  readonly chunks: readonly (readonly number[])[];
  /** What a person should know: that the prompt was cut, and where. */
  readonly notice: string | null;
}

const shown = 60;

/** The end of a text, for a person to find the place. */
const endOf = (text: string): string => (text.length > shown ? `…${text.slice(-shown)}` : text);

/**
 * A prompt for an encoder whose texts all have one length (77 of CLIP's).
 * @throws unsupported for a tokenizer without padding
 */
export const promptChunks = (
  tokenizer: Tokenizer,
  prompt: string,
  { positions, long }: { readonly positions: number; readonly long: LongPrompts },
): PromptChunks => {
  const { padId } = tokenizer;
  if (padId === undefined)
    throw new WorkbenchError(
      'unsupported',
      'tokenizer_config.json names no pad_token that the vocabulary has, and the text encoder sees padding: name the one it was trained with',
    );
  const frame = readTextFrame(tokenizer, false);
  const room = positions - frame.length;
  const { ids, ends } = tokenizer.encodeWithOffsets(prompt, { addSpecialTokens: false });
  const chunkAt = (from: number): number[] => {
    const framed = frame.around(ids.slice(from, from + room), null).ids;
    return [...framed, ...Array<number>(positions - framed.length).fill(padId)];
  };
  const count = long === 'cut' ? 1 : Math.max(1, Math.ceil(ids.length / room));
  const chunks = Array.from({ length: count }, (_, chunk) => chunkAt(chunk * room));
  if (ids.length <= count * room) return { chunks, notice: null };
  const kept = endOf(plainLine(prompt.slice(0, ends[room - 1]), prompt.length));
  return {
    chunks,
    notice: `a prompt has ${ids.length} tokens, and its encoder takes ${room}: it was cut behind "${kept}"`,
  };
};

/** A word in brackets with a weight, as some UIs have it: (word:1.2). */
const weighted = /\([^()]*:\s*[-+]?\d*\.?\d+\s*\)/;

/** Said where a prompt looks as if it meant weights of words, which diffusers, kohya's trainer and the workbench take as plain text. */
export const weightNotice = (prompt: string): string | null => {
  const found = weighted.exec(prompt)?.[0];
  if (found === undefined) return null;
  return `"${plainLine(found, shown)}" is taken as plain text, brackets and number too: weights of words are not supported`;
};
