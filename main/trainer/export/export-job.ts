import type { SavedAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import type { FoldedLayer } from '../../engine/adapters/layer/fold.ts';
import type { LinearLayer } from '../../engine/models/architecture.ts';
import type { Model } from '../../engine/models/model.ts';
import type { AdapterState, TrainedModel } from '../../engine/train/model/trained-model.ts';
import type { CertifiedData } from './certified-data.ts';
import type { ExportSpecification, ExportSummary, Phase } from '../protocol/protocol.ts';

/** What each kind of export works on. */
export interface ExportJob {
  readonly saved: SavedAdapter;
  /** Base weights that were trained whole. */
  readonly trainedWeights: readonly string[];
  readonly specification: ExportSpecification;
  /** Where it is built and checked; it takes the destination's name when all is done. */
  readonly directory: string;
  /** For what is needed meanwhile. Gone afterwards. */
  readonly workspace: string;
  readonly model: Model;
  readonly adapter: AdapterState;
  readonly folded: readonly FoldedLayer<LinearLayer>[];
  /** What is measured on. */
  readonly data: CertifiedData;
  /** Logits of a model, with an adapter or without, on what they are compared on. */
  readonly logitsOf: (trained: TrainedModel) => Promise<Float32Array>;
  readonly report: (phase: Phase, done: number, total: number) => void;
}

/** How closely what was written does what was trained, and what was written, loaded again. */
export interface CheckedExport {
  readonly check: Pick<
    ExportSummary,
    'largestLogitDifference' | 'largestLogitDifferenceUnrounded' | 'largestLogit' | 'promptTokens'
  > & { readonly meanLogitDifference: number };
  readonly written: TrainedModel;
  readonly notices: readonly string[];
}
