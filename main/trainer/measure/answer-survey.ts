import { dayOf } from '../../engine/data/chat/template-date.ts';
import { findDuplicates, nearThreshold } from '../../engine/data/duplicates/find-duplicates.ts';
import { rowContent } from '../../engine/data/duplicates/row-content.ts';
import { gramWords } from '../../engine/data/duplicates/word-grams.ts';
import { rowLengths } from '../../engine/data/examples/row-lengths.ts';
import { readDatasetFile, type Dataset } from '../../engine/data/files/dataset-file.ts';
import { splitExamples } from '../../engine/data/files/split.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { runSeeds } from '../run/run-seeds.ts';
import type { Duplicates, Lengths, SurveyAnswer, SurveyQuestion } from '../protocol/survey-schema.ts';

type Of<Kind extends SurveyQuestion['kind']> = Extract<SurveyQuestion, { kind: Kind }>;

/** Groups and pairs of rows that a person is shown. */
const shown = 20;
/** Lines of a group. */
const shownLines = 10;
/** Characters of a row. */
const shownText = 300;

export const answerSurvey = (question: SurveyQuestion): SurveyAnswer =>
  question.kind === 'lengths'
    ? { kind: 'lengths', lengths: answerLengths(question) }
    : { kind: 'duplicates', duplicates: answerDuplicates(question) };

const answerLengths = ({ dataset, modelDirectory, lossOn, date }: Of<'lengths'>): Lengths =>
  rowLengths({
    dataset: readDatasetFile(dataset.trainFile, { separator: dataset.trainSeparator }),
    format: dataset.format,
    tokenizer: loadTokenizer(modelDirectory),
    lossOn,
    date: dayOf(date),
  });

/** Rows are held out as a run does it, in which no row is left out. */
const answerDuplicates = ({ dataset, seed }: Of<'duplicates'>): Duplicates => {
  const { format, trainFile, validationFile, validationFraction } = dataset;
  const train = readDatasetFile(trainFile, { separator: dataset.trainSeparator });
  const heldOutFile =
    validationFile === null
      ? null
      : readDatasetFile(validationFile, { separator: dataset.validationSeparator });
  const heldOut =
    heldOutFile ?? splitExamples(train.rows.length, validationFraction, runSeeds(seed).split).validation;
  const found = findDuplicates({ train, heldOut, format, shown });
  const showRow = (source: Dataset, row: number): Duplicates['pairs'][number]['train'] => {
    const text = rowContent(source, format, row);
    return {
      line: source.lineOf(row),
      text: text.length > shownText ? `${text.slice(0, shownText)}…` : text,
    };
  };
  const pair = (trainRow: number, heldOutRow: number, similarity: number | null) => ({
    heldOut: showRow(heldOutFile ?? train, heldOutRow),
    train: showRow(train, trainRow),
    similarity,
  });
  return {
    trainRows: found.trainRows,
    heldOutRows: found.heldOutRows,
    repeatedRows: found.repeatedRows,
    repeated: found.repeated.map((rows) => ({
      lines: rows.slice(0, shownLines).map((row) => train.lineOf(row)),
      count: rows.length,
      text: showRow(train, rows[0]!).text,
    })),
    sharedRows: found.sharedRows,
    nearRows: found.nearRows,
    nearLookedAt: found.nearLookedAt,
    near: { words: gramWords, threshold: nearThreshold },
    pairs: [
      ...found.shared.map(({ trainRow, heldOutRow }) => pair(trainRow, heldOutRow, null)),
      ...found.near.map(({ trainRow, heldOutRow, similarity }) => pair(trainRow, heldOutRow, similarity)),
    ].slice(0, shown),
  };
};
