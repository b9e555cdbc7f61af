import { readDatasetFile } from '../engine/data/dataset-file.ts';
import type { Dataset as DatasetFile } from '../engine/data/dataset-file.ts';
import { buildExamples } from '../engine/data/examples.ts';
import type { Examples } from '../engine/data/examples.ts';
import { previewExamples } from '../engine/data/preview.ts';
import { loadTokenizer } from '../engine/data/tokenizer.ts';
import { WorkbenchError } from '../engine/errors.ts';
import type { DatasetRecord } from '../store/repositories/datasets.ts';
import type { Preview } from './entities.ts';
import type { PreviewRequest } from './workbench-types.ts';

/** Rows that a preview tokenizes at most: it must answer while a person waits. */
const previewRows = 2000;

/**
 * The first rows of the training file as a model would see them. Where a run would be refused, `problem` says why, and the tokens
 * are shown nevertheless, so that a person sees what is wrong with them.
 */
export const previewDataset = (
  dataset: DatasetRecord,
  modelDirectory: string,
  { sequenceLength, lossOn, count }: Pick<PreviewRequest, 'sequenceLength' | 'lossOn' | 'count'>,
): Preview => {
  const tokenizer = loadTokenizer(modelDirectory);
  const file = firstRows(readDatasetFile(dataset.trainFile));
  const build = (on: PreviewRequest['lossOn']): Examples =>
    buildExamples({
      dataset: file,
      format: dataset.format,
      tokenizer,
      lossOn: on,
      maxLength: sequenceLength,
    });
  const show = ({ examples }: Examples): Preview['examples'] =>
    previewExamples(examples, tokenizer, count).map(({ tokens }) => ({ tokens }));

  const built = attempt(() => build(lossOn));
  if (!(built instanceof WorkbenchError))
    return { report: built.report, examples: show(built), problem: null };

  // No token of these rows is a target, so counting all of them and then none shows exactly what the run would see.
  const unmasked = attempt(() => build('all'));
  const rows = file.rows.length;
  const none = { rows, kept: 0, withoutTargets: rows, tokens: 0, targetTokens: 0 };
  if (unmasked instanceof WorkbenchError)
    return { report: { ...none, truncated: 0 }, examples: [], problem: built.message };
  const examples = show(unmasked).map(({ tokens }) => ({
    tokens: tokens.map((token) => ({ ...token, target: false })),
  }));
  return { report: { ...none, truncated: unmasked.report.truncated }, examples, problem: built.message };
};

const firstRows = (file: DatasetFile): DatasetFile =>
  file.rows.length <= previewRows ? file : { ...file, rows: file.rows.slice(0, previewRows) };

const attempt = <Result>(work: () => Result): Result | WorkbenchError => {
  try {
    return work();
  } catch (error) {
    if (error instanceof WorkbenchError) return error;
    throw error;
  }
};
