import type {
  AdapterDescription,
  CalibrationData,
  Source,
} from '../adapters/description/adapter-description.ts';
import { invalidInput } from '../errors.ts';
import { leadingQr } from '../linear-algebra/leading-qr.ts';
import { decomposedParts } from './decomposed-parts.ts';
import type { OuterInput, OuterParts } from './outer-input.ts';
import { statisticsFor } from './prepared-matrix.ts';
import { principalComponents } from './principal-components.ts';
import type { StatisticName } from './statistics.ts';

/** What is taken apart: the statistics that it takes, and the parts that come of it. */
interface SourceRule<S extends Source> {
  readonly statistics: (source: S) => readonly StatisticName[];
  readonly calibration: (source: S) => CalibrationData;
  readonly parts: (source: S, input: OuterInput) => Promise<OuterParts> | OuterParts;
}

const noCalibration: CalibrationData = { batches: 0, firstTokenCounts: true, tokens: 'all' };

const sources: { readonly [K in Source['kind']]: SourceRule<Extract<Source, { kind: K }>> } = {
  decomposition: {
    statistics: ({ matrix }) => statisticsFor(matrix),
    calibration: ({ calibration }) => calibration,
    parts: decomposedParts,
  },
  qr: {
    statistics: () => [],
    calibration: () => noCalibration,
    parts: (_, { weight, outFeatures, inFeatures, rank }) => {
      const { q, r } = leadingQr({ rows: outFeatures, columns: inFeatures, data: weight }, rank);
      return { a: Float32Array.from(r.data), b: Float32Array.from(q.data) };
    },
  },
  'principal-components': {
    statistics: () => ['mean', 'second-moment'],
    calibration: ({ calibration }) => calibration,
    parts: (_, { statistics, inFeatures, rank, name }) => ({
      a: principalComponents(statistics, inFeatures, rank, name).components,
    }),
  },
};

const ruleOf = (source: Source): SourceRule<Source> => sources[source.kind] as SourceRule<Source>;

/** What the factors of a layer that are no drawn ones start as: their parts of the source; nothing where both are drawn. */
export const outerParts = async (
  { outer: { initialisation } }: AdapterDescription,
  input: OuterInput,
): Promise<OuterParts> => {
  const { a, b, source } = initialisation;
  if (source === null) return {};
  const all = await ruleOf(source).parts(source, input);
  const parts: OuterParts = {
    ...(a.kind === 'source' && all.a ? { a: all.a } : {}),
    ...(b.kind === 'source' && all.b ? { b: all.b } : {}),
  };
  if (!Object.values(parts).every((values: Float32Array) => values.every(Number.isFinite)))
    throw invalidInput(
      `${input.name}: its factors do not fit fp32, as its weight, or what its inputs were on the calibration data, is too small or too large; the activation matrix 'none' does without inputs`,
    );
  return parts;
};

export interface Calibration extends CalibrationData {
  readonly statistics: readonly StatisticName[];
}

/** Statistics of the layers' inputs that an adapter starts from, and what they are taken over. */
export const calibrationOf = ({ outer: { initialisation } }: AdapterDescription): Calibration => {
  const { source } = initialisation;
  const statistics = source ? ruleOf(source).statistics(source) : [];
  if (source === null || statistics.length === 0) return { statistics: [], ...noCalibration };
  return { statistics, ...ruleOf(source).calibration(source) };
};
