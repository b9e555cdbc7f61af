import { basename } from 'node:path';
import { statSync } from 'node:fs';
import { sequentialBatches } from '../../engine/data/batches/batches.ts';
import type { Batch } from '../../engine/data/batches/batch.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { sha256OfFile } from '../../engine/formats/file-hash.ts';
import type { Model } from '../../engine/models/model.ts';
import { objectiveOf, textObjectiveOf } from '../../engine/objectives/index.ts';
import { openForRun } from '../run/open-for-run.ts';
import { prepareData } from '../run/run-data.ts';
import type { CertifiedFile, CertifiedOn } from '../protocol/certificate-schema.ts';
import type { ExportSpecification } from '../protocol/protocol.ts';
import { rowsRunOf, type RowsRun } from '../protocol/rows-run.ts';

/** Enough to see a broken export by, few enough to wait for. Whole batches are taken until one of the two is reached. */
const enough = { rows: 32, tokens: 4096 } as const;

/** What a certificate's metrics are measured on. */
export interface CertifiedData {
  readonly on: CertifiedOn;
  /** None where nothing of the sample prompts can be scored. */
  readonly batches: readonly Batch[];
  /** Position ids stay below this. */
  readonly positions: number;
}

const sizeOf = (batches: readonly Batch[]): Pick<CertifiedOn, 'rows' | 'tokens' | 'scored'> => {
  const sum = (of: (batch: Batch) => number): number =>
    batches.reduce((total, batch) => total + of(batch), 0);
  return {
    rows: sum(({ batch }) => batch),
    tokens: sum(({ tokens }) => tokens),
    scored: sum(({ scored }) => scored),
  };
};

export const certifiedFile = async (path: string, name: string): Promise<CertifiedFile> => ({
  name,
  bytes: statSync(path).size,
  sha256: await sha256OfFile(path),
});

/** The first rows that the run held out, in the batches that it evaluated on. */
const heldOutData = async (run: RowsRun, model: Model): Promise<CertifiedData> => {
  const { dataset, training } = run;
  const { sources, classes } = openForRun(run);
  const tokenizer = loadTokenizer(model.folder.directory);
  const { validation: examples } = prepareData(run, sources, classes, model, tokenizer);
  const padId = paddingId(tokenizer, model.architecture.vocabularySize);
  const batching = textObjectiveOf(model.architecture).batching({ ...training, padId });
  const batches: Batch[] = [];
  let [rows, tokens] = [0, 0];
  const batchSize = Math.min(training.batchSize, enough.rows);
  for (const batch of sequentialBatches({ examples, batching, batchSize })) {
    batches.push(batch);
    rows += batch.batch;
    tokens += batch.tokens;
    if (rows >= enough.rows || tokens >= enough.tokens) break;
  }
  const path = dataset.validationFile ?? dataset.trainFile;
  const file = await certifiedFile(path, basename(path));
  return {
    on: { data: 'held-out', file, reason: null, ...sizeOf(batches) },
    batches,
    positions: training.sequenceLength,
  };
};

/** Sentences of the workbench's own. They carry no classes, so a classifier has no metric of them. */
const samplePrompts = (model: Model, reason: string): CertifiedData => {
  const objective = objectiveOf(model.architecture);
  const batch = objective.samples(model);
  const batches = model.architecture.objective === 'next-token' ? [batch] : [];
  return {
    on: { data: 'sample-prompts', file: null, reason, ...sizeOf(batches) },
    batches,
    positions: batch.sequence,
  };
};

/** Held-out rows of the run where it has some that can still be read, the sample prompts elsewhere; the certificate says which, and why. */
export const certifiedData = async (
  { heldOut }: Pick<ExportSpecification, 'heldOut'>,
  model: Model,
): Promise<CertifiedData> => {
  if (heldOut === undefined)
    return samplePrompts(model, 'no run was named whose held-out rows could be read');
  if (typeof heldOut === 'string') return samplePrompts(model, heldOut);
  try {
    return await heldOutData(rowsRunOf(heldOut, 'what an export certifies is measured'), model);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    return samplePrompts(model, error.message);
  }
};
