import { existsSync } from 'node:fs';
import { readAdapter, type OpenedAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { lacksHead } from '../../engine/models/classifier/classifier-folder.ts';
import type { Model } from '../../engine/models/model.ts';
import type { AdapterState } from '../../engine/train/model/trained-model.ts';
import { certifiedData, type CertifiedData } from '../export/certified-data.ts';
import { measureTrained } from '../export/measure-trained.ts';
import { openTrained } from '../export/open-trained.ts';
import type { RunDiagnosis } from '../protocol/diagnosis-schema.ts';
import type { DiagnoseSpecification } from '../protocol/protocol.ts';

type Asked = DiagnoseSpecification['runs'][number];

/** A run that is looked into: its adapter as it is, and as it started where that is known. */
export interface Subject {
  readonly asked: Asked;
  readonly model: Model;
  readonly saved: OpenedAdapter;
  readonly adapter: AdapterState;
  readonly start: AdapterState | null;
  readonly data: CertifiedData;
  /** The same for subjects whose held-out rows are the same, in the same batches. */
  readonly dataKey: string;
}

const stateOf = ({ settings, layers, values }: OpenedAdapter): AdapterState => ({
  description: describeAdapter(settings),
  layers,
  values,
});

/** What held-out rows depend on, of all that a run is made by. */
export const heldOutKey = ({ heldOut }: Pick<Asked, 'heldOut'>): string => {
  if (typeof heldOut === 'string') return heldOut;
  const { adapter: _, training, runDirectory: __, resumeFrom: ___, ...same } = heldOut;
  const { batchSize, sequenceLength, lossOn, packing, pictures } = training;
  return JSON.stringify({ ...same, batchSize, sequenceLength, lossOn, packing, pictures });
};

export const openSubject = async (asked: Asked, modelDirectory: string): Promise<Subject> => {
  const saved = readAdapter(asked.adapterDirectory);
  const opened = openTrained(modelDirectory, saved);
  const data = await certifiedData(asked, opened);
  const { startDirectory } = asked;
  const adapter = stateOf(saved);
  const { trained } = adapter.description.outer;
  const isThere = startDirectory !== null && existsSync(startDirectory);
  return {
    asked,
    model: data.asMeasured(opened),
    saved,
    adapter,
    start: isThere ? stateOf(readAdapter(startDirectory)) : trained.a || trained.b ? null : adapter,
    data,
    dataKey: heldOutKey(asked),
  };
};

/**
 * The losses of base, start and end on the same rows. Null where a part is not what it was when the run began.
 * @param ofBase the base's, by what the rows are: it is measured once for all subjects that have the same
 */
export const lossesOf = async (
  { asked, model, saved, adapter, start, data, dataKey }: Subject,
  threads: number | null,
  ofBase: Map<string, number>,
): Promise<RunDiagnosis['losses'] | null> => {
  if (data.batches.length === 0) return null;
  const lossOf = async (state: AdapterState | null, trainedWeights: readonly string[]): Promise<number> =>
    (await measureTrained({ model, adapter: state, trainedWeights }, data, threads)).loss;
  const baseLoss = async (): Promise<number> => {
    const known = ofBase.get(dataKey) ?? (await lossOf(null, []));
    ofBase.set(dataKey, known);
    return known;
  };
  // A head that the folder lacks is there as it was trained, not as it was drawn.
  const hasOwnHead = !lacksHead(openModelFolder(model.folder.directory));
  const isStartKnown = asked.startDirectory !== null && start !== null && start !== adapter;
  return {
    base: hasOwnHead ? await baseLoss() : null,
    start: hasOwnHead && isStartKnown ? await lossOf(start, []) : null,
    trained: await lossOf(
      adapter,
      saved.weights.map(({ name }) => name),
    ),
    on: data.on,
  };
};
