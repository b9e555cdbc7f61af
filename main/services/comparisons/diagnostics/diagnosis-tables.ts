import type { ComparisonDiagnosis, DiagnosisSpread } from './comparison-diagnosis.ts';
import type { DiagnosisCell } from './diagnosis-cell.ts';
import { pairMeasures, runMeasures, type DiagnosisUnit, type RunMeasureName } from './diagnosis-measures.ts';

/** What was found, as the tables that every place shows. Pure: it runs in a browser too. */

export interface DiagnosisRow {
  readonly label: string;
  /** What a person has to know to read it. */
  readonly meaning: string;
  /** null where nothing was found. */
  readonly cells: readonly (DiagnosisCell | null)[];
}

export interface DiagnosisTable {
  readonly titles: readonly string[];
  readonly rows: readonly DiagnosisRow[];
}

const spreadCell = (unit: DiagnosisUnit, spread: DiagnosisSpread | undefined): DiagnosisCell | null =>
  spread === undefined ? null : { unit, mean: spread.mean, range: { low: spread.low, high: spread.high } };

/** A line a measure, a column an arm. */
export const armTable = ({ arms }: ComparisonDiagnosis): DiagnosisTable => ({
  titles: arms.map(({ arm }) => arm),
  rows: runMeasures
    .filter(({ name }) => arms.some(({ values }) => values[name] !== undefined))
    .map(({ name, label, meaning, unit }) => ({
      label,
      meaning,
      cells: arms.map(({ values }) => spreadCell(unit, values[name])),
    })),
});

export const pairName = ({
  kind,
  first,
  second,
}: Pick<ComparisonDiagnosis['pairs'][number], 'kind' | 'first' | 'second'>): string =>
  kind === 'seeds' ? `seeds of ${first}` : `${first} and ${second}`;

/** A line for seeds of one arm or two arms, a column a measure. */
export const pairTable = ({ pairs }: ComparisonDiagnosis): DiagnosisTable => {
  const there = pairMeasures.filter(({ name }) => pairs.some(({ values }) => values[name] !== undefined));
  return {
    titles: there.map(({ label }) => label),
    rows: pairs
      .filter(({ values }) => Object.keys(values).length > 0)
      .map((pair) => ({
        label: pairName(pair),
        meaning: `${pair.runs.length} ${pair.runs.length === 1 ? 'pair' : 'pairs'}`,
        cells: there.map(({ name, unit }) => spreadCell(unit, pair.values[name])),
      })),
  };
};

const ofLayers = [
  'effective_rank',
  'relative_norm',
  'output_error',
] as const satisfies readonly RunMeasureName[];

/** The last part of a layer's name: what all layers of its kind are called. */
export const kindOf = (module: string): string => module.split('.').at(-1)!;

type Layers = ComparisonDiagnosis['layers'];

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

/** A line for each of these, whose layers' means are told; for each arm its effective rank, its size beside the weight, and the start's error. */
const layerRows = (
  { arms }: ComparisonDiagnosis,
  groups: readonly { readonly label: string; readonly layers: Layers }[],
): DiagnosisTable => {
  const columns = arms.flatMap(({ arm }) =>
    runMeasures
      .filter(({ name }) => (ofLayers as readonly string[]).includes(name))
      .map((measure) => ({
        arm,
        measure,
        values: groups.map(({ layers }) => meanOf(layers, arm, measure.name)),
      }))
      .filter(({ values }) => values.some((value) => value !== undefined)),
  );
  return {
    titles: columns.map(({ arm, measure }) => `${measure.label}, ${arm}`),
    rows: groups.map(({ label, layers }, index) => ({
      label,
      meaning: `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`,
      cells: columns.map(({ measure, values }) => {
        const value = values[index];
        return value === undefined ? null : { unit: measure.unit, mean: value, range: null };
      }),
    })),
  };
};

const meanOf = (layers: Layers, arm: string, name: RunMeasureName): number | undefined =>
  mean(layers.flatMap(({ arms }) => arms.find((one) => one.arm === arm)?.values[name] ?? []));

/** A line for each kind of layer. */
export const kindTable = (diagnosis: ComparisonDiagnosis): DiagnosisTable =>
  layerRows(
    diagnosis,
    [...Map.groupBy(diagnosis.layers, ({ module }) => kindOf(module))].map(([label, layers]) => ({
      label,
      layers,
    })),
  );

/** A line for each layer. */
export const layerTable = (diagnosis: ComparisonDiagnosis): DiagnosisTable =>
  layerRows(
    diagnosis,
    diagnosis.layers.map((layer) => ({ label: layer.module, layers: [layer] })),
  );

/** The mean spectrum of an arm over layers: the i-th values' mean, where a value that is not there is 0. */
export const meanSpectrum = (layers: Layers, arm: string): number[] => {
  const spectra = layers
    .flatMap(({ arms }) => arms.filter((one) => one.arm === arm))
    .map(({ spectrum }) => spectrum)
    .filter(({ length }) => length > 0);
  const longest = Math.max(0, ...spectra.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => mean(spectra.map((values) => values[index] ?? 0))!);
};
