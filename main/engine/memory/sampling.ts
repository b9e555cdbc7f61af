import type { AdapterDescription } from '../adapters/description/adapter-description.ts';
import { layerAdapter } from '../adapters/layer/layer-adapter.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { BaseFormat } from '../base/base-format.ts';
import { elementCount } from '../formats/tensor-dtype.ts';
import { decodingGraph } from '../generation/graph/decoding-graph.ts';
import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import type { Model } from '../models/model.ts';
import type { SampleSettings } from '../train/settings/sample-settings.ts';
import { peakOf } from './peak.ts';
import { planRun } from './plan-run.ts';

/** What writing samples takes beside the steps: it happens between them, when evaluation's session is gone. */
export interface SamplingMemory {
  /** Of a base that the steps have not mapped already. */
  readonly weights: number;
  /** Values between the decoder's operators, and what is remembered of each row. */
  readonly activations: number;
  /** The adapter's two sides, folded. */
  readonly state: number;
  readonly nodes: number;
}

export interface SamplingOptions {
  /** As it is in its files. */
  readonly model: Model;
  readonly description: AdapterDescription;
  readonly layers: readonly LinearLayer[];
  readonly baseFormat: BaseFormat;
  readonly samples: SampleSettings;
  /** Tokens of a prompt from the data at most. */
  readonly sequenceLength: number;
}

/** Tokens of a prompt that go through the model at a time, and rows that are written together, as the generator has them. */
const chunk = 256;
const rowsAtOnce = 8;
/** A prompt that a person gave has about so many characters a token at least. */
const charactersPerToken = 2;

/** Bytes of a weight of the decoder's own base. Float32 files are those that the steps map. */
const decodingBytes: Readonly<Record<BaseFormat, number>> = {
  fp32: 4,
  bf16: 2,
  fp16: 2,
  int8: 1 + 4 / 32,
  int4: 0.5 + 4 / 32,
};

export const samplingMemory = ({
  model,
  description,
  layers,
  baseFormat,
  samples,
  sequenceLength,
}: SamplingOptions): SamplingMemory => {
  const rows = Math.min(rowsAtOnce, samples.prompts.length + samples.heldOut);
  const typed = Math.max(0, ...samples.prompts.map(({ length }) => Math.ceil(length / charactersPerToken)));
  const prompt = Math.max(typed, samples.heldOut > 0 ? sequenceLength : 0);
  const positions = Math.min(prompt + samples.maximumTokens, model.architecture.maximumPositions);
  const { graph, cache } = decodingGraph(createGraphBuilder(), model, { positions });
  const peak = (batch: number, sequence: number): number =>
    peakOf(planRun(graph, { batch, sequence, past: positions, rows: batch }));
  const remembered = 4 * 2 * cache.layers * cache.keyValueHeads * cache.width * positions;
  const isMapped = baseFormat === 'fp32' && [...model.tensors.values()].every(({ dtype }) => dtype === 'F32');
  const numbers = [...model.weightShapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
  return {
    weights: isMapped ? 0 : numbers * decodingBytes[baseFormat],
    // Rows are joined into one cache while those of their own are still there.
    activations: Math.max(peak(1, Math.min(prompt, chunk)), peak(rows, 1)) + 2 * rows * remembered,
    // JavaScript's and the session's own.
    state: layers.reduce((sum, layer) => sum + 2 * 4 * foldedNumbers(description, layer), 0),
    nodes: graph.nodes.length,
  };
};

/** Of both sides, with those of what the adapter takes away again. */
const foldedNumbers = (description: AdapterDescription, layer: LinearLayer): number => {
  const { rank, residual } = layerAdapter(description, layer);
  const ranks = residual === null ? rank : rank + residual.right.rows;
  return ranks * (layer.inFeatures + layer.outFeatures);
};
