import type {
  Diagnosis,
  LayerDiagnosis,
  PairDiagnosis,
  RunDiagnosis,
} from '../../../trainer/protocol/diagnosis-schema.ts';
import type { ComparisonDiagnosis, DiagnosisSpread } from './comparison-diagnosis.ts';
import type { DiagnosedSubjects } from './diagnosed-subjects.ts';
import {
  pairMeasures,
  runMeasures,
  type PairMeasureName,
  type RunMeasureName,
} from './diagnosis-measures.ts';

type RunValues = ComparisonDiagnosis['runs'][number]['values'];
type PairValues = ComparisonDiagnosis['layers'][number]['pairs'][number]['values'];
type PairLayer = PairDiagnosis['layers'][number];

interface OfRun {
  readonly runId: string;
  readonly arm: string;
  readonly seed: number;
  readonly diagnosis: RunDiagnosis;
}

interface OfPair {
  readonly kind: 'seeds' | 'arms';
  readonly first: string;
  readonly second: string;
  readonly diagnosis: PairDiagnosis;
}

/** What the trainer found, in terms of arms and seeds. */
export const summariseDiagnosis = (
  diagnosis: Diagnosis,
  { runs: subjects, notices }: DiagnosedSubjects,
  arms: readonly string[],
): ComparisonDiagnosis => {
  const runs = diagnosis.runs.flatMap((one): OfRun[] => {
    const subject = subjects.find(({ runId }) => runId === one.runId);
    return subject === undefined ? [] : [{ ...one, ...subject, diagnosis: one }];
  });
  const pairs = diagnosis.pairs.flatMap((one): OfPair[] => {
    const [a, b] = [one.a, one.b].map((id) => runs.find(({ runId }) => runId === id));
    if (a === undefined || b === undefined) return [];
    return [{ kind: a.arm === b.arm ? 'seeds' : 'arms', first: a.arm, second: b.arm, diagnosis: one }];
  });
  const ofRuns = runs.map(({ runId, arm, seed, diagnosis: one }) => ({
    ...{ runId, arm, seed },
    values: runValues(one),
    notices: one.notices,
  }));
  return {
    version: 1,
    on: runs.flatMap(({ diagnosis: { losses } }) => losses?.on ?? [])[0] ?? null,
    runs: ofRuns,
    arms: arms.flatMap((arm) => {
      const own = ofRuns.filter((run) => run.arm === arm);
      if (own.length === 0) return [];
      return [
        {
          arm,
          runs: own.length,
          values: spreads(
            runMeasureNames,
            own.map(({ values }) => values),
          ),
        },
      ];
    }),
    pairs: kindsOf(pairs).map(({ kind, first, second, own }) => ({
      ...{ kind, first, second },
      runs: own.map(({ diagnosis: { a, b } }): [string, string] => [a, b]),
      values: spreads(
        pairMeasureNames,
        own.map(({ diagnosis: { layers } }) => means(pairMeasureNames, layers.map(pairLayerValues))),
      ),
    })),
    layers: modulesOf(runs).map((layer) => ({
      ...layer,
      arms: arms.flatMap((arm) => layerOfArm(runs, arm, layer.module)),
      pairs: kindsOf(pairs).flatMap(({ kind, first, second, own }) => {
        const there = own.flatMap(({ diagnosis: { layers } }) =>
          layers.filter(({ module }) => module === layer.module),
        );
        if (there.length === 0) return [];
        return [{ kind, first, second, values: means(pairMeasureNames, there.map(pairLayerValues)) }];
      }),
    })),
    notices: [
      ...notices,
      ...ofRuns.flatMap(({ arm, seed, notices: told }) => told.map((one) => `${arm}, seed ${seed}: ${one}`)),
    ],
  };
};

const runMeasureNames = runMeasures.map(({ name }) => name);
const pairMeasureNames = pairMeasures.map(({ name }) => name);

/** Without what there is no number of. */
const known = <Name extends string>(
  values: Readonly<Partial<Record<Name, number | null | undefined>>>,
): Partial<Record<Name, number>> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => typeof value === 'number' && Number.isFinite(value)),
  ) as Partial<Record<Name, number>>;

const runValues = ({ losses, firstGradientNorm, layers }: RunDiagnosis): RunValues => {
  const [base, start] = [losses?.base ?? null, losses?.start ?? null];
  return {
    ...known<RunMeasureName>({
      base_loss: base,
      start_loss: start,
      start_change: base === null || start === null ? null : start - base,
      trained_loss: losses?.trained,
      first_gradient: firstGradientNorm,
    }),
    ...means(runMeasureNames, layers.map(layerValues)),
  };
};

const layerValues = ({ rank, delta, outer }: LayerDiagnosis): RunValues =>
  known<RunMeasureName>({
    rank,
    relative_norm: delta?.relativeNorm,
    effective_rank: delta?.spectrum.effectiveRank,
    stable_rank: delta?.spectrum.stableRank,
    rank_90: delta?.spectrum.rank90,
    weight_energy: outer?.weightEnergy,
    output_energy: outer?.outputEnergy,
    output_error: outer?.outputError,
  });

const degrees = (radians: number | undefined): number | undefined =>
  radians === undefined ? undefined : (radians * 180) / Math.PI;

const pairLayerValues = ({ delta, outer }: PairLayer): PairValues =>
  known<PairMeasureName>({
    delta_outputs: delta.outputs?.similarity,
    delta_inputs: delta.inputs?.similarity,
    delta_chance: middle([delta.outputs?.chance, delta.inputs?.chance]),
    outer_outputs: outer?.outputs?.similarity,
    outer_inputs: outer?.inputs?.similarity,
    outer_chance: middle([outer?.outputs?.chance, outer?.inputs?.chance]),
    outer_outputs_angle: degrees(outer?.outputs?.meanAngle),
    outer_inputs_angle: degrees(outer?.inputs?.meanAngle),
  });

/** The mean of what there is. */
const middle = (values: readonly (number | undefined)[]): number | undefined => {
  const there = values.filter((value) => value !== undefined);
  return there.length === 0 ? undefined : there.reduce((sum, value) => sum + value, 0) / there.length;
};

const means = <Name extends string>(
  names: readonly Name[],
  all: readonly Partial<Record<Name, number>>[],
): Partial<Record<Name, number>> =>
  known(
    Object.fromEntries(names.map((name) => [name, middle(all.map((values) => values[name]))])) as Partial<
      Record<Name, number>
    >,
  );

const spreads = <Name extends string>(
  names: readonly Name[],
  all: readonly Partial<Record<Name, number>>[],
): Partial<Record<Name, DiagnosisSpread>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const there = all.flatMap((values) => values[name] ?? []);
      const mean = middle(there);
      return mean === undefined ? [] : [[name, { mean, low: Math.min(...there), high: Math.max(...there) }]];
    }),
  ) as Partial<Record<Name, DiagnosisSpread>>;

/** Seeds of one arm first. */
const kindsOf = (pairs: readonly OfPair[]): (Omit<OfPair, 'diagnosis'> & { readonly own: OfPair[] })[] =>
  [...Map.groupBy(pairs, ({ kind, first, second }) => JSON.stringify([kind, first, second])).values()]
    .map((own) => ({ ...own[0]!, own }))
    .toSorted((a, b) => (a.kind === b.kind ? 0 : a.kind === 'seeds' ? -1 : 1));

/** Every layer that any run changed, in the model's order as far as one run has it. */
const modulesOf = (
  runs: readonly OfRun[],
): Pick<LayerDiagnosis, 'module' | 'outFeatures' | 'inFeatures'>[] => [
  ...new Map(
    runs
      .flatMap(({ diagnosis: { layers } }) => layers)
      .map(({ module, outFeatures, inFeatures }) => [module, { module, outFeatures, inFeatures }]),
  ).values(),
];

const layerOfArm = (
  runs: readonly OfRun[],
  arm: string,
  module: string,
): ComparisonDiagnosis['layers'][number]['arms'] => {
  const own = runs
    .filter((run) => run.arm === arm)
    .flatMap(({ diagnosis: { layers } }) => layers.filter((layer) => layer.module === module));
  if (own.length === 0) return [];
  const spectra = own.flatMap(({ delta }) =>
    delta === null ? [] : [delta.singularValues.map((value) => value / delta.spectrum.frobenius)],
  );
  const longest = Math.max(0, ...spectra.map(({ length }) => length));
  return [
    {
      arm,
      values: means(runMeasureNames, own.map(layerValues)),
      // A value that is no more than rounding in one run counts as none.
      spectrum: Array.from({ length: longest }, (_, index) =>
        Number((middle(spectra.map((values) => values[index] ?? 0)) ?? 0).toPrecision(6)),
      ),
    },
  ];
};
