import { rmSync } from 'node:fs';
import { WorkbenchError } from '../../engine/errors.ts';
import type { ComparisonRecord } from '../../store/repositories/comparisons.ts';
import type { Store } from '../../store/store.ts';
import { refuseWhileExported } from '../experiments/experiments.ts';
import type { Devices } from '../devices/devices.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import type { Ownership } from '../shared/ownership.ts';
import { answerComparison } from './answer/answer-comparison.ts';
import { comparisonOf } from './comparison-entity.ts';
import type { Comparison } from './comparison-schema.ts';
import {
  cancelComparison,
  pauseComparison,
  refuseUnaccepted,
  refuseWhileAtWork,
  startComparison,
  type ControlContext,
} from './control-comparison.ts';
import { checkComparison, hashTaskFiles, insertComparison, resolved } from './create-comparison.ts';
import { designComparison, type DesignContext } from './design-comparison.ts';
import { comparisonData } from './evidence/comparison-data-of.ts';
import { itemsPage } from './evidence/items-page.ts';
import { reportData } from './evidence/report-data-of.ts';
import { readState, type ComparisonState } from './orchestration/comparison-state.ts';
import { writeReport } from './report/write-report.ts';
import { fromTemplate, templates } from './design/templates.ts';

export interface ComparisonsContext extends ControlContext, Omit<DesignContext, 'store'> {
  readonly emit: EmitEvent;
  readonly ownership: Ownership;
  readonly devices: Devices;
  readonly dataDirectory: string;
  /** The program's own, for reports. */
  readonly version: string;
}
