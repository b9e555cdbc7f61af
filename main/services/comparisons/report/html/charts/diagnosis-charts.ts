import type { ComparisonDiagnosis } from '../../../diagnostics/comparison-diagnosis.ts';
import { diagnosisValueText } from '../../../diagnostics/diagnosis-measures.ts';
import { meanSpectrum } from '../../../diagnostics/diagnosis-tables.ts';
import { drawPlane, planeEdges } from './plane.ts';
import { linearScale, logScale, tickText } from './scale.ts';
import { dot, figure, path } from './svg.ts';

/** Below this share of the whole a singular value would only stretch the axis. */
const leastDrawn = 1e-3;

type Point = readonly [number, number];

/** Effective rank along the model, a line for each arm. */
export const layerChart = (
  { layers, arms }: ComparisonDiagnosis,
  colour: (arm: string) => string,
): string => {
  const lines = arms.map(({ arm }) => ({
    arm,
    points: layers.flatMap(({ module, arms: own }, index) => {
      const value = own.find((one) => one.arm === arm)?.values.effective_rank;
      return value === undefined ? [] : [{ module, at: index + 1, value }];
    }),
  }));
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  if (layers.length < 2 || values.length === 0) return '';
  const { left, right, top, bottom } = planeEdges;
  const x = linearScale([1, layers.length], left, right, 5, 0.02);
  const y = linearScale([0, ...values], bottom, top);
  const parts = lines.map(({ arm, points }) => {
    const along = points.map(({ at, value }): Point => [x.at(at), y.at(value)]);
    const dots = points.map(({ module, at, value }) =>
      dot(x.at(at), y.at(value), 2.5, 'mark', `${arm}, ${module}: ${diagnosisValueText(value, 'rank')}`),
    );
    return `<g class="${colour(arm)}">${path(along, 'curve')}${points.length > 60 ? '' : dots.join('')}</g>`;
  });
  const title = 'Effective rank of what was learned, by layer';
  const svg = drawPlane(
    title,
    { scale: x, title: 'layer, in the order of the model', text: (value) => tickText(value, 'count') },
    { scale: y, text: (value) => tickText(value, 'number') },
    parts,
  );
  return figure(title, svg, 'exp of the entropy of the singular values, as shares of their sum.');
};

/** Singular values of what was learned, of one kind of layer. */
export const spectrumChart = (
  kind: string,
  layers: ComparisonDiagnosis['layers'],
  { arms }: ComparisonDiagnosis,
  colour: (arm: string) => string,
): string => {
  const lines = arms
    .map(({ arm }) => ({
      arm,
      values: meanSpectrum(layers, arm).filter((value) => value >= leastDrawn),
    }))
    .filter(({ values }) => values.length > 0);
  const values = lines.flatMap((line) => line.values);
  if (values.length < 2) return '';
  const { left, right, top, bottom } = planeEdges;
  const longest = Math.max(...lines.map((line) => line.values.length));
  const x = linearScale([1, longest], left, right, 5, 0.02);
  const y = logScale(values, bottom, top);
  const parts = lines.map(({ arm, values: own }) => {
    const along = own.map((value, index): Point => [x.at(index + 1), y.at(value)]);
    const dots = own.map((value, index) =>
      dot(x.at(index + 1), y.at(value), 2.5, 'mark', `${arm}, ${index + 1}: ${value.toPrecision(3)}`),
    );
    return `<g class="${colour(arm)}">${path(along, 'curve')}${own.length > 40 ? '' : dots.join('')}</g>`;
  });
  const title = `Spectrum of what was learned: ${kind}`;
  const svg = drawPlane(
    title,
    { scale: x, title: 'singular value', text: (value) => tickText(value, 'count') },
    { scale: y, text: (value) => tickText(value, 'rate') },
    parts,
  );
  const count = layers.length === 1 ? 'one layer' : `${layers.length} layers`;
  return figure(title, svg, `Over the Frobenius norm; mean over adapters and ${count}.`);
};
