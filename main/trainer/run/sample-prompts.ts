import { formPrompt } from '../../engine/data/chat/form-prompt.ts';
import { ownTemplate, withTemplate } from '../../engine/data/chat/own-template.ts';
import type { Prompt } from '../../engine/data/chat/prompt.ts';
import { dayOf } from '../../engine/data/chat/template-date.ts';
import type { Example } from '../../engine/data/examples/examples.ts';
import type { Dataset } from '../../engine/data/files/dataset-file.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { invalidInput } from '../../engine/errors.ts';
import type { Model } from '../../engine/models/model.ts';
import { textObjectiveOf } from '../../engine/objectives/index.ts';
import type { RowsRun } from '../protocol/rows-run.ts';
import type { RunSources } from './open-for-run.ts';

/** A prompt that a run answers at each evaluation. */
export interface SamplePrompt {
  /** As a person reads it. */
  readonly text: string;
  readonly ids: readonly number[];
  /** What the held-out row has behind it; null for a prompt that a person gave. */
  readonly expected: string | null;
}

export interface SampleSources {
  readonly sources: RunSources;
  readonly validation: readonly Example[];
  readonly model: Model;
  readonly tokenizer: Tokenizer;
}

/**
 * The prompts that a run's samples are written to: those given, then those of the first held-out rows.
 * @throws WorkbenchError where one leaves no position for an answer
 */
export const samplePrompts = (
  specification: RowsRun,
  from: SampleSources,
): { readonly prompts: readonly SamplePrompt[]; readonly notices: readonly string[] } => {
  const { samples } = specification.training;
  if (samples === null) return { prompts: [], notices: [] };
  const { format } = specification.dataset;
  const { model } = from;
  const tokenizer = withTemplate(from.tokenizer, ownTemplate(format));
  const isChat = format.kind === 'chat';
  const given = samples.prompts.map((text): SamplePrompt => {
    const prompt: Prompt = isChat
      ? { form: 'chat', messages: [{ role: 'user', content: text }] }
      : { form: 'text', text };
    return { text, ids: formPrompt(tokenizer, prompt, specification.date).ids, expected: null };
  });
  const heldOut = heldOutPrompts(specification, from, samples.heldOut);
  const prompts = [...given, ...heldOut];
  const { maximumPositions } = model.architecture;
  prompts.forEach(({ ids }, index) => {
    if (ids.length >= maximumPositions)
      throw invalidInput(
        `training.samples: prompt ${index + 1} has ${ids.length} tokens, which leaves none of the model's ${maximumPositions} positions for an answer`,
      );
  });
  const missing = samples.heldOut - heldOut.length;
  const notices =
    missing > 0
      ? [`samples: only ${heldOut.length} of the ${samples.heldOut} held-out rows asked for have a prompt`]
      : [];
  return { prompts, notices };
};

/** What stands before the first token that such a row is to learn, whatever the run itself takes loss on. */
const heldOutPrompts = (
  { dataset, heldOut, training, date }: RowsRun,
  { sources, validation, model, tokenizer }: SampleSources,
  count: number,
): SamplePrompt[] => {
  if (count === 0 || validation.length === 0) return [];
  const { format } = dataset;
  const isOfTraining = sources.validation === null || heldOut?.tuningFraction !== undefined;
  const source = isOfTraining ? sources.train : sources.validation;
  const { examples } = textObjectiveOf(model.architecture).examples({
    dataset: rowsOf(
      source,
      validation.slice(0, count).map(({ sourceRow }) => sourceRow),
    ),
    format,
    tokenizer,
    classes: null,
    lossOn: 'completion',
    date: dayOf(date),
    maxLength: training.sequenceLength,
  });
  return examples.flatMap(({ inputIds, targets }) => {
    const first = targets.indexOf(1);
    if (first < 1) return [];
    const end = targets.indexOf(0, first);
    const part = (from: number, to?: number): number[] => [...inputIds.slice(from, to)];
    return [
      {
        text: tokenizer.decode(part(0, first), { skipSpecial: true }),
        ids: part(0, first),
        expected: tokenizer.decode(part(first, end < 0 ? undefined : end), { skipSpecial: true }),
      },
    ];
  });
};

const rowsOf = (dataset: Dataset, indices: readonly number[]): Dataset => ({
  name: dataset.name,
  rows: {
    length: indices.length,
    at: (index) => dataset.rows.at(indices[index] as number),
    *[Symbol.iterator]() {
      for (const index of indices) yield dataset.rows.at(index);
    },
  },
  lineOf: (index) => dataset.lineOf(indices[index] as number),
});
