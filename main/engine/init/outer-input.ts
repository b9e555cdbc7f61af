import type { AwsvdCache } from './awsvd-cache.ts';
import type { LayerStatistics } from './statistics.ts';

/** What the outer factors of a layer are made from. */
export interface OuterInput {
  /** (outFeatures x inFeatures) */
  readonly weight: Float32Array;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly rank: number;
  /** What the product of the factors is multiplied by when it is added to the weight. */
  readonly scaling: number;
  /** What calibration found of the layer's inputs: the statistics that `calibrationOf` names. */
  readonly statistics: LayerStatistics;
  readonly cache: AwsvdCache | undefined;
  /** For what is drawn. */
  readonly seed: number;
  /** The weight's name, for errors. */
  readonly name: string;
}

/** The parts of a source: A's and B's, as far as it says something of them. */
export interface OuterParts {
  /** (rank x inFeatures) */
  readonly a?: Float32Array;
  /** (outFeatures x rank) */
  readonly b?: Float32Array;
}
