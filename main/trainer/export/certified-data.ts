import { basename } from 'node:path';
import { statSync } from 'node:fs';
import { sequentialBatches } from '../../engine/data/batches/batches.ts';
import type { Batch } from '../../engine/data/batches/batch.ts';
import { openImported } from '../../engine/data/pictures/sets/open-imported.ts';
import { bytesOfPictures, contentOfSet } from '../../engine/data/pictures/sets/set-content.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { sha256OfFile } from '../../engine/formats/file-hash.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { comparedWith } from '../../engine/models/compared-model.ts';
import type { Model } from '../../engine/models/model.ts';
import type { ObjectiveName, PictureObjectiveName } from '../../engine/objective-names.ts';
import { drawsPictures, isOfText } from '../../engine/train/settings/picture-checks.ts';
import { objectiveOf, objectiveOfFolder, textObjectiveOf } from '../../engine/objectives/index.ts';
import { openForRun } from '../run/open-for-run.ts';
import { prepareData } from '../run/run-data.ts';
import type { CertifiedFile, CertifiedOn } from '../protocol/certificate-schema.ts';
import { picturesSourceOf } from '../protocol/dataset-source.ts';
import type { ExportSpecification, RunSpecification } from '../protocol/protocol.ts';
import { hasRows, type RowsRun } from '../protocol/rows-run.ts';
import { openDiffusionRun } from '../run/diffusion/open-diffusion-run.ts';
import { openPictureRun } from '../run/pictures/open-picture-run.ts';

/** Enough to see a broken export by, few enough to wait for. Whole batches are taken until one of the two is reached. */
const enough = { rows: 32, tokens: 4096 } as const;

/** What a certificate's metrics are measured on. */
export interface CertifiedData {
  readonly on: CertifiedOn;
  /** None where nothing of the sample prompts, or of noise, can be scored. */
  readonly batches: readonly Batch[];
  /** Position ids stay below this. */
  readonly positions: number;
  /** What logits are compared on. */
  readonly compared: readonly Batch[];
  /** A model as the batches take it: what its pictures are compared with. */
  readonly asMeasured: (model: Model) => Model;
}

const asItIs = (model: Model): Model => model;

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
    compared: [objectiveOf(model.architecture).samples(model)],
    asMeasured: asItIs,
  };
};

const nothing = (): Promise<void> => Promise.resolve();

/** Pictures from all over what the run held out, with the texts that it compares them with, or with the noise that it measures them by. */
const heldOutPictures = async (run: RunSpecification): Promise<CertifiedData> => {
  const batchSize = Math.min(run.training.batchSize, enough.rows);
  const evaluationBatches = Math.floor(enough.rows / batchSize);
  const part = { ...run, training: { ...run.training, batchSize, evaluationBatches } };
  const draws = drawsPictures(objectiveOfFolder(openModelFolder(run.modelDirectory)));
  const {
    model,
    batches: ofRun,
    positions,
  } = draws ? await openDiffusionRun(part, nothing, 'all') : await openPictureRun(part, nothing, 'both');
  const batches: Batch[] = [];
  for await (const batch of ofRun.heldOut().batches) batches.push(batch);
  const { objective, outputs } = model.architecture;
  const set = await openImported({ ...picturesSourceOf(run.dataset), cacheDirectory: run.cacheDirectory });
  const file = {
    name: basename(run.dataset.trainFile),
    bytes: bytesOfPictures(set),
    sha256: (await contentOfSet(set)).sha256,
  };
  return {
    on: { data: 'held-out-pictures', file, reason: null, ...sizeOf(batches) },
    batches,
    positions,
    compared: batches,
    asMeasured: draws ? asItIs : (other) => comparedWith(other, objective as PictureObjectiveName, outputs),
  };
};

const sampled = (objective: ObjectiveName): CertifiedOn['data'] => {
  if (drawsPictures(objective)) return 'noise-to-predict';
  return isOfText(objective) ? 'sample-prompts' : 'noise';
};

/** Sentences of the workbench's own, or noise. They carry no classes, so only what predicts tokens has a metric of them. */
const samples = (model: Model, reason: string): CertifiedData => {
  const objective = objectiveOf(model.architecture);
  const batch = objective.samples(model);
  const batches = model.architecture.objective === 'next-token' ? [batch] : [];
  const data = sampled(model.architecture.objective);
  return {
    on: { data, file: null, reason, ...sizeOf(batches) },
    batches,
    positions: batch.sequence,
    compared: [batch],
    asMeasured: asItIs,
  };
};

const predictions = 'they say more of weights than the loss on pictures does';

/** What the run held out where it can still be read, the sample prompts or noise elsewhere; the certificate says which, and why. */
export const certifiedData = async (
  { heldOut }: Pick<ExportSpecification, 'heldOut'>,
  model: Model,
): Promise<CertifiedData> => {
  if (heldOut === undefined) return samples(model, 'no run was named whose held-out rows could be read');
  if (typeof heldOut === 'string') return samples(model, heldOut);
  if (drawsPictures(model.architecture.objective)) return samples(model, predictions);
  try {
    return hasRows(heldOut) ? await heldOutData(heldOut, model) : await heldOutPictures(heldOut);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    return samples(model, error.message);
  }
};
