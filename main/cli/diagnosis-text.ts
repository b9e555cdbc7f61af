import type { Diagnosis, LayerDiagnosis, PairDiagnosis, RunDiagnosis } from '../api/contract.ts';
import { formatTable, type Column } from './table.ts';

const absent = '–';
const number = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? absent : value.toFixed(digits);
const share = (value: number | null | undefined): string =>
  value === null || value === undefined ? absent : `${(100 * value).toFixed(1)} %`;

const column = <Row>(title: string, text: (row: Row) => string): Column<Row> => ({
  title,
  text,
  isNumber: true,
});

const runColumns: readonly Column<RunDiagnosis>[] = [
  { title: 'run', text: ({ name }) => name },
  { title: 'method', text: ({ method }) => method },
  column('seed', ({ seed }) => String(seed)),
  column('loss of base', ({ losses }) => number(losses?.base, 4)),
  column('at start', ({ losses }) => number(losses?.start, 4)),
  column('trained', ({ losses }) => number(losses?.trained, 4)),
  column('first gradient', ({ firstGradientNorm }) => number(firstGradientNorm, 3)),
  column('delta / weight', ({ summary }) => share(summary.relativeNorm)),
  column('stable rank', ({ summary }) => number(summary.stableRank, 2)),
  column('effective rank', ({ summary }) => number(summary.effectiveRank, 2)),
  column('energy of W', ({ summary }) => share(summary.weightEnergy)),
  column('of outputs', ({ summary }) => share(summary.outputEnergy)),
  column('output error', ({ summary }) => share(summary.outputError)),
];

const layerColumns: readonly Column<LayerDiagnosis>[] = [
  { title: 'layer', text: ({ module }) => module },
  column('size', ({ outFeatures, inFeatures }) => `${outFeatures} x ${inFeatures}`),
  column('rank', ({ rank }) => String(rank)),
  column('delta / weight', ({ delta }) => share(delta?.relativeNorm)),
  column('stable rank', ({ delta }) => number(delta?.spectrum.stableRank, 2)),
  column('effective rank', ({ delta }) => number(delta?.spectrum.effectiveRank, 2)),
  column('for 90 %', ({ delta }) => number(delta?.spectrum.rank90, 0)),
  column('energy of W', ({ outer }) => share(outer?.weightEnergy)),
  column('of outputs', ({ outer }) => share(outer?.outputEnergy)),
  column('output error', ({ outer }) => share(outer?.outputError)),
];

type NamedPair = PairDiagnosis & { readonly names: string };

const pairColumns: readonly Column<NamedPair>[] = [
  { title: 'pair', text: ({ names }) => names },
  column('layers', ({ layers }) => String(layers.length)),
  column('deltas: outputs', ({ summary }) => share(summary.deltaOutputs)),
  column('inputs', ({ summary }) => share(summary.deltaInputs)),
  column('by chance', ({ summary }) => share(summary.deltaChance)),
  column('outer: outputs', ({ summary }) => share(summary.outerOutputs)),
  column('inputs', ({ summary }) => share(summary.outerInputs)),
  column('by chance', ({ summary }) => share(summary.outerChance)),
];

/** Means over layers, what any two runs have in common, and every layer where asked. */
export const diagnosisText = ({ runs, pairs }: Diagnosis, withLayers: boolean): string => {
  const nameOf = (id: string): string => runs.find(({ runId }) => runId === id)?.name ?? id;
  const named = pairs.map((pair) => ({ ...pair, names: `${nameOf(pair.a)} – ${nameOf(pair.b)}` }));
  const notices = runs.flatMap(({ name, notices: told }) => told.map((notice) => `${name}: ${notice}`));
  const [first] = runs.flatMap(({ losses }) => losses?.on ?? []);
  return [
    formatTable(runs, runColumns),
    ...(first
      ? [
          `Losses are on ${first.rows} rows (${first.tokens} tokens); ranks, energies and errors are means over layers.`,
        ]
      : []),
    ...(named.length > 0
      ? [
          '',
          'How much of their subspaces two runs share (mean squared cosine of the principal angles):',
          formatTable(named, pairColumns),
        ]
      : []),
    ...(withLayers ? runs.flatMap(({ name, layers }) => ['', name, formatTable(layers, layerColumns)]) : []),
    ...(notices.length > 0 ? ['', ...notices] : []),
  ].join('\n');
};
