import { buildClassExamples, readLabels } from '../../engine/data/examples/class-examples.ts';
import { mapLabels, type Classes } from '../../engine/data/examples/class-labels.ts';
import {
  readDatasetFile,
  type Dataset as DatasetFile,
  type ReadingOptions,
} from '../../engine/data/files/dataset-file.ts';
import type { ClassificationFormat, TokenFormat } from '../../engine/data/files/dataset-format.ts';
import { findRowIndex } from '../../engine/data/files/row-index.ts';
import { buildExamples, type Examples } from '../../engine/data/examples/examples.ts';
import { previewExamples } from '../../engine/data/examples/preview.ts';
import { renderConversation } from '../../engine/data/chat/chat-template.ts';
import { readConversation } from '../../engine/data/chat/conversation.ts';
import { withTemplate } from '../../engine/data/chat/own-template.ts';
import { dayOf } from '../../engine/data/chat/template-date.ts';
import { templateNotices } from '../../engine/data/chat/template-notices.ts';
import { loadTokenizer, type Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { checkVocabulary } from '../../engine/data/examples/vocabulary-check.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { checkFormat } from '../../engine/objectives/checks.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { headClassesOf } from '../../engine/models/classifier/classifier-folder.ts';
import { attempt } from '../../engine/attempt.ts';
import { rowIndexesIn } from './row-indexes.ts';
import type { Preview } from '../protocol/preview-schema.ts';
import type { ReadQuestion, Showing, TokensOf } from '../protocol/read-schema.ts';

type PreviewedDataset = Extract<ReadQuestion, { kind: 'preview' }>['dataset'];

/** What a preview tokenizes at most: it must answer while a person waits. */
const mostRows = 2000;
const mostBytes = 1 << 22;

interface Reading extends Omit<Showing, 'template' | 'firstRow'> {
  readonly file: DatasetFile;
  readonly model: TokensOf;
  readonly tokenizer: Tokenizer;
}

/**
 * The first rows of the training file as a model would see them. Where a run would be refused, `problem` says why, and the tokens
 * are shown nevertheless, so that a person sees what is wrong with them.
 */
export const previewDataset = (
  { trainFile, trainSeparator, format: given }: PreviewedDataset,
  model: TokensOf,
  { template, firstRow, ...showing }: Showing,
  options: Pick<ReadingOptions, 'mostRows' | 'index'> = {},
): Preview => {
  const format = given.kind === 'chat' && template !== undefined ? { ...given, template } : given;
  const reading = {
    ...showing,
    file: readDatasetFile(trainFile, {
      mostRows,
      mostBytes,
      ...options,
      firstRow,
      separator: trainSeparator,
    }),
    model,
    tokenizer: loadTokenizer(model.directory),
  };
  const shown =
    format.kind === 'classification' ? previewClasses(reading, format) : previewTokens(reading, format);
  const mismatch = attempt(() => checkFormat(model.objective, format));
  return mismatch instanceof WorkbenchError ? { ...shown, problem: mismatch.message } : shown;
};

const previewTokens = (
  { file, model, tokenizer, sequenceLength, lossOn, date, count }: Reading,
  format: TokenFormat,
): Preview => {
  const build = (on: Showing['lossOn']): Examples =>
    buildExamples({
      dataset: file,
      format,
      tokenizer,
      lossOn: on,
      date: dayOf(date),
      maxLength: sequenceLength,
    });
  const ofTemplate = templateNotices(tokenizer, format, date);
  const show = ({ examples }: Examples): Preview['examples'] =>
    previewExamples(examples, tokenizer, count).map(({ tokens, sourceRow }) => ({
      tokens,
      label: null,
      rendered: renderedText(file, format, tokenizer, sourceRow, date),
    }));

  const built = attempt(() => build(lossOn));
  if (!(built instanceof WorkbenchError))
    return {
      report: built.report,
      examples: show(built),
      classes: null,
      notices: [...ofTemplate, ...built.notices],
      problem: foreignIds(built.examples, file, model),
    };

  // No token of these rows is a target, so counting all of them and then none shows exactly what the run would see.
  const unmasked = attempt(() => build('all'));
  const none = nothing(file);
  if (unmasked instanceof WorkbenchError)
    return { report: none, examples: [], classes: null, notices: ofTemplate, problem: built.message };
  const examples = show(unmasked).map((example) => ({
    ...example,
    tokens: example.tokens.map((token) => ({ ...token, target: false })),
  }));
  const report = { ...none, truncated: unmasked.report.truncated };
  return {
    report,
    examples,
    classes: null,
    notices: [...ofTemplate, ...unmasked.notices],
    problem: built.message,
  };
};

const previewClasses = (
  { file, model, tokenizer, sequenceLength, count }: Reading,
  format: ClassificationFormat,
): Preview => {
  const build = (classes: Classes): Preview => {
    const options = { dataset: file, format, tokenizer, classes, maxLength: sequenceLength };
    const { examples, report, notices } = buildClassExamples(options);
    const nameOf = (label: number | undefined): string => classes.names[label ?? -1] ?? '';
    return {
      report,
      examples: previewExamples(examples, tokenizer, count).map(({ tokens }, index) => ({
        tokens,
        label: nameOf(examples[index]?.label),
        rendered: null,
      })),
      classes: classes.names.map((name, id) => ({
        name,
        rows: examples.filter(({ label }) => label === id).length,
      })),
      notices: [...notices],
      problem: foreignIds(examples, file, model),
    };
  };
  const labels = attempt(() => readLabels(file, format));
  if (labels instanceof WorkbenchError)
    return { report: nothing(file), examples: [], classes: [], notices: [], problem: labels.message };
  const head = headClassesOf(openModelFolder(model.directory)) ?? { kind: 'new' };
  const built = attempt(() => build(mapLabels(labels, head)));
  if (!(built instanceof WorkbenchError)) return built;
  // With the labels as they are, so that it can be seen which of them does not fit.
  const distinct = [...new Set(labels)].toSorted();
  const asTheyAre = attempt(() => build(mapLabels(distinct, { kind: 'named', names: distinct })));
  return asTheyAre instanceof WorkbenchError
    ? { report: nothing(file), examples: [], classes: [], notices: [], problem: built.message }
    : { ...asTheyAre, problem: built.message };
};

/** What a conversation becomes before it is tokenized: it was read and rendered already to make tokens of it. */
const renderedText = (
  file: DatasetFile,
  format: TokenFormat,
  tokenizer: Tokenizer,
  row: number,
  date: string,
): string | null => {
  if (format.kind !== 'chat') return null;
  const place = `${file.name}, line ${file.lineOf(row)}`;
  const conversation = readConversation(file.rows.at(row), format, place);
  return renderConversation(withTemplate(tokenizer, format.template), conversation, { date: dayOf(date) });
};

/** Why a run would refuse the ids of these rows; null where the model has them all. */
const foreignIds = (
  examples: Examples['examples'],
  { name }: DatasetFile,
  { vocabularySize, directory }: TokensOf,
): string | null => {
  const checked = attempt(() => checkVocabulary(examples, vocabularySize, name, directory));
  return checked instanceof WorkbenchError ? checked.message : null;
};

const nothing = ({ rows: { length: rows } }: DatasetFile): Preview['report'] => ({
  rows,
  kept: 0,
  truncated: 0,
  withoutTargets: rows,
  tokens: 0,
  targetTokens: 0,
});

type PreviewQuestion = Omit<Extract<ReadQuestion, { kind: 'preview' }>, 'kind'>;

/** The same of data in the library: their import has kept where rows are, so that any of them can be looked at at once. */
export const previewImported = ({ dataset, imported, model, showing }: PreviewQuestion): Preview => {
  const { trainFile: path, trainSeparator: separator } = dataset;
  const { trainSha256: sha256, cacheDirectory } = imported;
  const found = findRowIndex(rowIndexesIn(cacheDirectory), { path, sha256, separator });
  const index = typeof found === 'string' ? undefined : found;
  const preview = previewDataset(dataset, model, showing, { index });
  if (found !== 'written') return preview;
  const notice = `${path} looks as if it was written since it was imported: a run on it is refused unless it holds the same`;
  return { ...preview, notices: [notice, ...preview.notices] };
};
