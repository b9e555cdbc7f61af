import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { rowsOfEpoch, type Batching } from '../../engine/data/batches/batching.ts';
import { contentIndex } from '../../engine/data/duplicates/content-index.ts';
import type { Example } from '../../engine/data/examples/examples.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { calibrationOf } from '../../engine/init/outer-parts.ts';
import { textObjectiveOf } from '../../engine/objectives/index.ts';
import type { DataOverlap, SharedRow } from '../protocol/overlap-schema.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { rowsRunOf } from '../protocol/rows-run.ts';
import { openForRun } from '../run/open-for-run.ts';
import { prepareData } from '../run/run-data.ts';
import { runSeeds } from '../run/run-seeds.ts';

/** A run of an arm, as it will be started. */
export interface PlannedRun {
  readonly arm: string;
  readonly specification: RunSpecification;
}

/** The data of a run as it is split, and how its rows become batches. */
interface SplitData {
  readonly train: readonly Example[];
  readonly heldOut: readonly Example[];
  readonly batching: Batching<Example>;
}

const openData = (planned: RunSpecification): SplitData => {
  const specification = rowsRunOf(planned, 'rows are compared');
  const { model, sources, classes } = openForRun(specification);
  const tokenizer = loadTokenizer(model.folder.directory);
  const padId = paddingId(tokenizer, model.architecture.vocabularySize);
  const { train, validation } = prepareData(specification, sources, classes, model, tokenizer);
  return {
    train,
    heldOut: validation,
    batching: textObjectiveOf(model.architecture).batching({ ...specification.training, padId }),
  };
};

/** What decides how data are read and split: runs that agree in it share the work. */
const dataKey = ({ dataset, training, seed, heldOut, date }: RunSpecification): string => {
  const { sequenceLength, lossOn, packing } = training;
  return JSON.stringify([dataset, sequenceLength, lossOn, packing, date, heldOut ?? seed]);
};

/** Rows are alike where the model is given the same: the same tokens, and the same class. */
const contentOf = ({ inputIds, label }: Example): string => `${label ?? ''}:${inputIds.join(' ')}`;

/** The rows that calibration takes: the first of a stream of its own, as `startAdapter` draws them. */
const calibrationRows = (
  { adapter, training, seed }: RunSpecification,
  { train, batching }: SplitData,
): Example[] => {
  const { batches } = calibrationOf(describeAdapter(adapter));
  const wanted = batches * training.batchSize;
  const taken: (readonly Example[])[] = [];
  for (let epoch = 0; taken.length < wanted; epoch++)
    taken.push(...rowsOfEpoch(batching, train, runSeeds(seed).initialisation, epoch));
  // A row of several passes over little data counts once.
  return [...new Set(taken.slice(0, wanted).flat())];
};

/**
 * Which training rows, and which of those that each run's calibration takes, are held out too. Splitting takes care that no row is in both
 * parts, so these are rows that the data have twice, or that a validation file repeats.
 */
export const answerOverlap = (runs: readonly PlannedRun[]): DataOverlap => {
  const known = new Map<string, SplitData>();
  const training = new Map<string, SharedRow>();
  const calibrations: DataOverlap['calibrations'] = [];
  let [trainRows, heldOutRows] = [0, 0];
  for (const { arm, specification } of runs) {
    const key = dataKey(specification);
    const data = known.get(key) ?? openData(specification);
    known.set(key, data);
    [trainRows, heldOutRows] = [data.train.length, data.heldOut.length];
    const heldOut = contentIndex<number>();
    for (const example of data.heldOut) heldOut.add(contentOf(example), example.sourceRow);
    const sharedOf = (examples: readonly Example[]): SharedRow[] =>
      examples.flatMap((example) => {
        const heldOutRow = heldOut.rowsWith(contentOf(example)).at(-1);
        return heldOutRow === undefined ? [] : [{ trainRow: example.sourceRow, heldOutRow }];
      });
    for (const row of sharedOf(data.train)) training.set(JSON.stringify(row), row);
    const rows = calibrationRows(specification, data);
    if (rows.length > 0)
      calibrations.push({ arm, seed: specification.seed, rows: rows.length, shared: sharedOf(rows) });
  }
  return { trainRows, heldOutRows, training: [...training.values()], calibrations };
};
