import type { MemoryMode } from '../../autodiff/memory-mode.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import type { Profiler } from '../../runtime/profile/profiler.ts';
import type { BatchLimits } from '../model/loss-graph.ts';
import type { TrainedModel } from '../model/trained-model.ts';

export interface BaseStepOptions extends TrainedModel, BatchLimits {
  readonly memory: MemoryMode;
  readonly labelSmoothing?: number | undefined;
  readonly neftuneAlpha?: number | undefined;
  readonly threads: number | null;
  readonly device: DeviceName;
  /** Whether a step may have several micro-batches, which a loss that compares rows has to know; false where absent. */
  readonly accumulates?: boolean;
  /** Nobody watches where absent. */
  readonly profiler?: Profiler;
}
