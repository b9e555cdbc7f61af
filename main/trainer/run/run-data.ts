import type { Example, Examples } from '../../engine/data/examples/examples.ts';
import type { Classes } from '../../engine/data/examples/class-labels.ts';
import type { Dataset } from '../../engine/data/files/dataset-file.ts';
import { splitExamples } from '../../engine/data/files/split.ts';
import { dayOf } from '../../engine/data/chat/template-date.ts';
import { templateNotices } from '../../engine/data/chat/template-notices.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { objectiveOf } from '../../engine/objectives/index.ts';
import { checkVocabulary } from '../../engine/data/examples/vocabulary-check.ts';
import type { Model } from '../../engine/models/model.ts';
import type { RunSources } from './open-for-run.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { runSeeds } from './run-seeds.ts';

export interface RunData {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** What a person should know of what was cut or left out. */
  readonly notices: readonly string[];
}

/** What of a run its data depend on. */
export type DataRequest = Pick<RunSpecification, 'dataset' | 'seed' | 'date'> & {
  readonly training: Pick<RunSpecification['training'], 'lossOn' | 'sequenceLength'>;
};

/** Tokenizes a run's data and holds the validation part out. Refuses data in which nothing carries loss, or ids the model does not have. */
export const prepareData = (
  specification: DataRequest,
  { train, validation }: RunSources,
  classes: Classes | null,
  model: Model,
  tokenizer: Tokenizer,
): RunData => {
  const { dataset, training, seed, date } = specification;
  const notices = templateNotices(tokenizer, dataset.format, date);
  const { lossOn, sequenceLength: maxLength } = training;
  const { examples: examplesFrom } = objectiveOf(model.architecture);
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
  const trainExamples = read(train);
  if (validation !== null) return { train: trainExamples, validation: read(validation), notices };
  const split = splitExamples(trainExamples.length, dataset.validationFraction, runSeeds(seed).split);
  const pick = (indices: readonly number[]): Example[] =>
    indices.map((index) => trainExamples[index] as Example);
  return { train: pick(split.train), validation: pick(split.validation), notices };
};
