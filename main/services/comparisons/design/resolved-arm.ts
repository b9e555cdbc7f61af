import type { AdapterDescription } from '../../../engine/adapters/description/adapter-description.ts';
import { describeAdapter, type AdapterSettings } from '../../../engine/adapters/settings/adapter-settings.ts';
import { overriddenTraining } from '../../../engine/train/settings/training-overrides.ts';
import type { TrainingSettings } from '../../../engine/train/settings/training-settings.ts';
import type { ComparisonDefinition } from '../definition.ts';

/** An arm with everything that it is trained by: the protocol, and what it has in its place. */
export interface ResolvedArm {
  readonly name: string;
  readonly adapter: AdapterSettings;
  readonly description: AdapterDescription;
  readonly training: TrainingSettings;
}

/** @throws WorkbenchError `invalid-input` where an arm's settings and the protocol's can't stand together */
export const resolvedArms = ({
  arms,
  training,
}: Pick<ComparisonDefinition, 'arms' | 'training'>): ResolvedArm[] =>
  arms.map((arm) => ({
    name: arm.name,
    adapter: arm.adapter,
    description: describeAdapter(arm.adapter),
    training: overriddenTraining(training, arm.training),
  }));
