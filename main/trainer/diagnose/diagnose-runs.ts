import { WorkbenchError } from '../../engine/errors.ts';
import { calibrate } from '../../engine/init/calibration.ts';
import { statisticBytes } from '../../engine/init/statistics.ts';
import type { Matrix } from '../../engine/linear-algebra/matrix.ts';
import type { LinearLayer } from '../../engine/models/architecture.ts';
import { readLayerWeight } from '../../engine/models/weights/model-weights.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import type { Diagnosis, LayerDiagnosis, PairDiagnosis, RunDiagnosis } from '../protocol/diagnosis-schema.ts';
import type { JobContext } from '../protocol/job.ts';
import type { DiagnoseSpecification } from '../protocol/protocol.ts';
import { diagnoseLayer, hasOuterStart, pairAtLayer, type LayerOfSubject } from './diagnose-layer.ts';
import { lossesOf, openSubject, type Subject } from './subject.ts';
import { summaryOfPair, summaryOfRun } from './summaries.ts';

type Doubles = Matrix<Float64Array>;

/** Bytes of second moments that are held at a time. */
const momentsAtATime = 2 ** 30;

/** Layers in groups whose second moments fit. */
const groupsOf = (layers: readonly LinearLayer[], copies: number): LinearLayer[][] => {
  const groups: LinearLayer[][] = [];
  let bytes = Infinity;
  for (const layer of layers) {
    const own = copies * statisticBytes(['second-moment'], layer.inFeatures);
    if (bytes + own > momentsAtATime) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(layer);
    bytes += own;
  }
  return groups;
};

const layerOf = ({ adapter }: Subject, module: string): LinearLayer | undefined =>
  adapter.layers.find((layer) => layer.module === module);

/** An embedding's inputs are one-hot, and nobody holds all their products. */
const hasMoments = ({ role }: LinearLayer): boolean => role !== 'embedding';

/** mean x x^T of layers' inputs on each set of held-out rows, by data and module. */
const momentsOf = async (
  subjects: readonly Subject[],
  layers: readonly LinearLayer[],
  threads: number | null,
): Promise<(subject: Subject, layer: LinearLayer) => Doubles | null> => {
  const byData = new Map<string, ReadonlyMap<string, Doubles>>();
  for (const { dataKey, model, data } of subjects) {
    if (byData.has(dataKey) || data.batches.length === 0) continue;
    const wanted = layers.filter(
      (layer) =>
        hasMoments(layer) && subjects.some((one) => one.dataKey === dataKey && hasOuterStart(one, layer)),
    );
    if (wanted.length === 0) continue;
    const { batches, positions } = data;
    const found = await calibrate({
      ...{ model, layers: wanted, batches, positions, threads },
      statistics: ['second-moment'],
    });
    byData.set(
      dataKey,
      new Map(
        wanted.map(({ module, inFeatures }) => [
          module,
          { rows: inFeatures, columns: inFeatures, data: found.get(module)!['second-moment']! },
        ]),
      ),
    );
  }
  return ({ dataKey }, { module }) => byData.get(dataKey)?.get(module) ?? null;
};

const noticesOf = ({ saved: { settings, weights }, start, adapter, data }: Subject): string[] => {
  const { outer, magnitude } = adapter.description;
  const isDrawn = outer.initialisation.source === null;
  return [
    ...(adapter.layers.length === 0 ? [`${settings.method} has no low-rank delta to look into`] : []),
    ...(adapter.layers.length > 0 && weights.length > 0
      ? [`${weights.length} weights were trained whole and are no part of the deltas`]
      : []),
    ...(magnitude ? ['the lengths that DoRA brings rows to are no part of the deltas'] : []),
    ...(!isDrawn && start === null ? ['how its outer factors started is not known any more'] : []),
    ...(data.on.reason === null
      ? []
      : [
          data.on.data === 'noise'
            ? `nothing was measured: ${data.on.reason}`
            : `measured on sample prompts: ${data.on.reason}`,
        ]),
  ];
};

/**
 * What runs on one model have learned and what they started from, layer by layer, and what any two have in common. Nothing of the size of a
 * weight is held but the weight of one layer and its approximation.
 */
export const diagnoseRuns = async (
  specification: DiagnoseSpecification,
  { emit }: Pick<JobContext, 'emit'>,
): Promise<Diagnosis> => {
  const { modelDirectory, runs, threads } = specification;
  emit({ type: 'progress', phase: 'loading', done: 0, total: runs.length });
  const subjects: Subject[] = [];
  for (const run of runs) subjects.push(await openSubject(run, modelDirectory));
  const losses: (RunDiagnosis['losses'] | null)[] = [];
  const ofBase = new Map<string, number>();
  for (const [index, subject] of subjects.entries()) {
    emit({ type: 'progress', phase: 'evaluating', done: index, total: subjects.length });
    losses.push(await lossesOf(subject, threads, ofBase));
  }
  const [{ model }] = subjects as [Subject];
  const layers = model.targetLayers.filter(({ module }) =>
    subjects.some((subject) => layerOf(subject, module) !== undefined),
  );
  const ofRuns: LayerDiagnosis[][] = subjects.map(() => []);
  const pairs = (specification.pairs ?? everyTwo(subjects.length)).map(([a, b]) => ({
    ...{ a, b },
    layers: [] as PairDiagnosis['layers'],
  }));
  let done = 0;
  for (const group of groupsOf(layers, new Set(subjects.map(({ dataKey }) => dataKey)).size)) {
    const momentOf = await momentsOf(subjects, group, threads);
    for (const layer of group) {
      emit({ type: 'progress', phase: 'diagnosing', done: done++, total: layers.length });
      const weight: Doubles = {
        rows: layer.outFeatures,
        columns: layer.inFeatures,
        data: Float64Array.from(readLayerWeight(model, layer)),
      };
      const found = subjects.map((subject): LayerOfSubject | null => {
        const own = layerOf(subject, layer.module);
        if (own === undefined) return null;
        return naming(subject, () => diagnoseLayer(subject, own, weight, momentOf(subject, own)));
      });
      for (const [index, one] of found.entries()) if (one) ofRuns[index]!.push(one.diagnosis);
      for (const pair of pairs) {
        const [a, b] = [found[pair.a], found[pair.b]];
        if (a && b) pair.layers.push(pairAtLayer(layer.module, a, b));
      }
    }
  }
  await assertModelStayed(specification);
  return {
    runs: subjects.map((subject, index) => ({
      ...{ runId: subject.asked.runId, name: subject.asked.name, seed: subject.asked.seed },
      method: subject.saved.settings.method,
      losses: losses[index] ?? null,
      firstGradientNorm: null,
      layers: ofRuns[index]!,
      summary: summaryOfRun(ofRuns[index]!),
      notices: noticesOf(subject),
    })),
    pairs: pairs.map(({ a, b, layers: common }) => ({
      a: runs[a]!.runId,
      b: runs[b]!.runId,
      layers: common,
      summary: summaryOfPair(common),
    })),
  };
};

const everyTwo = (count: number): [number, number][] =>
  Array.from({ length: count }, (_, a) => a).flatMap((a) =>
    Array.from({ length: count - a - 1 }, (_, index): [number, number] => [a, a + 1 + index]),
  );

const naming = <T>({ asked }: Subject, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `${asked.name}: ${error.message}`, { cause: error });
  }
};
