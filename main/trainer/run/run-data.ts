import type { Example, Examples } from '../../engine/data/examples/examples.ts';
import type { Classes } from '../../engine/data/examples/class-labels.ts';
import type { Dataset } from '../../engine/data/files/dataset-file.ts';
import { splitExamples } from '../../engine/data/files/split.ts';
import { dayOf } from '../../engine/data/chat/template-date.ts';
import { templateNotices } from '../../engine/data/chat/template-notices.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { textObjectiveOf } from '../../engine/objectives/index.ts';
import { checkVocabulary } from '../../engine/data/examples/vocabulary-check.ts';
import type { Model } from '../../engine/models/model.ts';
import type { RunSources } from './open-for-run.ts';
import type { RowsRun } from '../protocol/rows-run.ts';
import { runSeeds } from './run-seeds.ts';

export interface RunData {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** What a person should know of what was cut or left out. */
  readonly notices: readonly string[];
}

/** What of a run its data depend on. */
export type DataRequest = Pick<RowsRun, 'dataset' | 'seed' | 'heldOut' | 'date'> & {
  readonly training: Pick<RowsRun['training'], 'lossOn' | 'sequenceLength'>;
};

/** Tokenizes a run's data and holds the validation part out. Refuses data in which nothing carries loss, or ids the model does not have. */
export const prepareData = (
  specification: DataRequest,
  { train, validation }: RunSources,
  classes: Classes | null,
  model: Model,
  tokenizer: Tokenizer,
): RunData => {
  const { dataset, training, date } = specification;
  const notices = templateNotices(tokenizer, dataset.format, date);
  const { lossOn, sequenceLength: maxLength } = training;
  const { examples: examplesFrom } = textObjectiveOf(model.architecture);
  const examplesOf = (source: Dataset): Examples =>
    examplesFrom({
      dataset: source,
      format: dataset.format,
      tokenizer,
      classes,
      lossOn,
      date: dayOf(date),
      maxLength,
    });
  const read = (source: Dataset): Example[] => {
    const { examples, report, notices: ofRows } = examplesOf(source);
    if (report.truncated > 0)
      notices.push(
        `${source.name}: ${report.truncated} of ${report.rows} rows are longer than ${training.sequenceLength} tokens and were cut`,
      );
    if (report.withoutTargets > 0)
      notices.push(
        `${source.name}: ${report.withoutTargets} of ${report.rows} rows were left out: no token in them carries loss`,
      );
    notices.push(...ofRows.map((notice) => `${source.name}: ${notice}`));
    checkVocabulary(examples, model.architecture.vocabularySize, source.name, model.folder.directory);
    return examples;
  };
  const held = heldOutRows(specification, read(train), validation === null ? null : () => read(validation));
  return { ...held, notices };
};

type Rows = Pick<RunData, 'train' | 'validation'>;

/** @param readValidation null where the data bring no validation part of their own */
const heldOutRows = (
  { dataset, seed, heldOut }: DataRequest,
  train: readonly Example[],
  readValidation: (() => readonly Example[]) | null,
): Rows => {
  const { split, tuningSplit } = runSeeds(heldOut?.seed ?? seed);
  const fraction = heldOut?.tuningFraction;
  const { train: rest, validation } =
    readValidation === null
      ? holdOut(train, dataset.validationFraction, split)
      : { train, validation: fraction === undefined ? readValidation() : [] };
  return fraction === undefined ? { train: rest, validation } : holdOut(rest, fraction, tuningSplit);
};

const holdOut = (examples: readonly Example[], fraction: number, seed: number): Rows => {
  const { train, validation } = splitExamples(examples.length, fraction, seed);
  const pick = (indices: readonly number[]): Example[] => indices.map((index) => examples[index] as Example);
  return { train: pick(train), validation: pick(validation) };
};
