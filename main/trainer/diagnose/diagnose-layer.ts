import { outputEnergy, outputError, weightEnergy } from '../../engine/diagnostics/captured-energy.ts';
import {
  deltaSvd,
  isMadeOfWeight,
  outerSides,
  type OuterSides,
} from '../../engine/diagnostics/layer-sides.ts';
import { spectrumOf } from '../../engine/diagnostics/spectrum.ts';
import { overlapOf } from '../../engine/diagnostics/subspaces.ts';
import type { ThinSvd } from '../../engine/diagnostics/thin-svd.ts';
import { layerAdapter } from '../../engine/adapters/layer/layer-adapter.ts';
import { doubleProduct } from '../../engine/linear-algebra/blocked-products.ts';
import { frobeniusNorm, type AnyMatrix, type Matrix } from '../../engine/linear-algebra/matrix.ts';
import type { LinearLayer } from '../../engine/models/architecture.ts';
import type { LayerDiagnosis, PairDiagnosis } from '../protocol/diagnosis-schema.ts';
import type { Subject } from './subject.ts';

type Doubles = Matrix<Float64Array>;

/** What one run has at one layer, with the subspaces that others' are held against. */
export interface LayerOfSubject {
  readonly diagnosis: LayerDiagnosis;
  readonly delta: ThinSvd;
  readonly outer: OuterSides | null;
}

const doubles = ({ rows, columns, data }: AnyMatrix): Doubles => ({
  rows,
  columns,
  data: Float64Array.from(data),
});

/** Whether something is to be said of the outer pair's start at a layer. */
export const hasOuterStart = ({ start }: Subject, { module }: LinearLayer): boolean =>
  start !== null &&
  isMadeOfWeight(start.description) &&
  start.layers.some((layer) => layer.module === module);

const startOfOuter = (subject: Subject, layer: LinearLayer): OuterSides | null =>
  hasOuterStart(subject, layer) ? outerSides(subject.start!.description, layer, subject.start!.values) : null;

const outerDiagnosis = (
  { a, b, share, outputs, inputs }: OuterSides,
  weight: Doubles,
  gram: Doubles,
): NonNullable<LayerDiagnosis['outer']> => {
  const scaledB = { ...b, data: Float64Array.from(b.data, (value) => share * value) };
  const approximation = doubleProduct(scaledB, doubles(a));
  return {
    weightEnergy: weightEnergy({ weight, outputs, inputs }),
    outputEnergy: outputEnergy({ weight, outputs }, gram),
    outputError: outputError(weight, approximation, gram),
  };
};

/** @param gram mean x x^T of the layer's inputs on held-out rows; null where nothing is to be said of the outer pair */
export const diagnoseLayer = (
  subject: Subject,
  layer: LinearLayer,
  weight: Doubles,
  gram: Doubles | null,
): LayerOfSubject => {
  const { adapter } = subject;
  const outer = startOfOuter(subject, layer);
  const { module, outFeatures, inFeatures } = layer;
  const delta = deltaSvd(adapter.description, layer, adapter.values);
  const { singularValues } = delta;
  const spectrum = spectrumOf(singularValues);
  return {
    delta,
    outer,
    diagnosis: {
      ...{ module, outFeatures, inFeatures },
      rank: layerAdapter(adapter.description, layer).rank,
      delta:
        singularValues.length === 0
          ? null
          : {
              spectrum,
              relativeNorm: spectrum.frobenius / frobeniusNorm(weight),
              singularValues: [...singularValues],
            },
      outer: outer === null || gram === null ? null : outerDiagnosis(outer, weight, gram),
    },
  };
};

export const pairAtLayer = (
  module: string,
  a: LayerOfSubject,
  b: LayerOfSubject,
): PairDiagnosis['layers'][number] => ({
  module,
  delta: {
    outputs: overlapOf(a.delta.left, b.delta.left),
    inputs: overlapOf(a.delta.right, b.delta.right),
  },
  outer:
    a.outer === null || b.outer === null
      ? null
      : {
          outputs: overlapOf(a.outer.outputs, b.outer.outputs),
          inputs: overlapOf(a.outer.inputs, b.outer.inputs),
        },
});
