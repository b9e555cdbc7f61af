import { nextTokens } from '../../data/batches/token-batching.ts';
import type { Row } from '../../data/files/dataset-file.ts';
import { fillTemplate, type DatasetFormat } from '../../data/files/dataset-format.ts';
import { columnText } from '../../data/tokens/row-text.ts';
import { completionTokens } from '../../data/tokens/row-tokens.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../errors.ts';
import type { ScoredSequence } from '../likelihood/scored-sequence.ts';

export type CompletionFormat = Extract<DatasetFormat, { kind: 'prompt-completion' }>;

/** @throws unsupported where rows are not prompts with completions, so that no part of them is the choice alone */
export const completionFormat = (format: DatasetFormat | null, task: string): CompletionFormat => {
  if (format?.kind === 'prompt-completion') return format;
  throw new WorkbenchError(
    'unsupported',
    `task ${task}: the prompt "as-trained" needs a format of prompt and completion${format === null ? ', and there is none' : `, not ${format.kind}`}`,
  );
};

/** The texts of a row, as training has them. */
export const completionTexts = (
  row: Row,
  { prompt, completion }: CompletionFormat,
  place: string,
): { readonly prompt: string; readonly completion: string } => {
  const fill = (template: string): string =>
    fillTemplate(template, (column) => columnText(row, column, place));
  return { prompt: fill(prompt), completion: fill(completion) };
};

/**
 * A row encoded exactly as training encodes it: the completion and the token that ends it are scored. Where it is longer than the model,
 * the prompt loses its beginning; undefined where its completion would.
 */
export const encodeAsTrained = (
  tokenizer: Tokenizer,
  { prompt, completion }: { readonly prompt: string; readonly completion: string },
  { positions, sourceRow }: { readonly positions: number; readonly sourceRow: number },
): { readonly sequence: ScoredSequence; readonly cut: boolean } | undefined => {
  const { ids, targets } = completionTokens(tokenizer, prompt, completion, 'completion');
  const exampleFrom = (start: number): ScoredSequence => {
    const example = { inputIds: Int32Array.from(ids.slice(start)), targets: targets.slice(start), sourceRow };
    return { ...example, scored: [...nextTokens(example)] };
  };
  const whole = exampleFrom(0);
  if (ids.length <= positions) return { cut: false, sequence: whole };
  const sequence = exampleFrom(ids.length - positions);
  return sequence.scored.length < whole.scored.length ? undefined : { cut: true, sequence };
};
