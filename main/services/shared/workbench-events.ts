import { z } from 'zod';
import { metricSchema, phaseSchema } from '../../trainer/protocol/protocol.ts';
import { comparisonSchema } from '../comparisons/comparison-schema.ts';
import { exportSchema, runSchema } from './entities.ts';
import { queueSchema } from './queue-entity.ts';
import {
  generationEndSchema,
  generationPromptsSchema,
  generationStateSchema,
  generationTokensSchema,
} from './generation-entities.ts';

const nothing = z.strictObject({});

/** Everything the workbench tells without being asked. */
export const events = {
  'models.changed': nothing,
  'datasets.changed': nothing,
  'experiments.changed': nothing,
  'adapters.changed': nothing,
  /** One came or went. */
  'comparisons.changed': nothing,
  /** Of its phases and assessments; how its runs come along is told with the runs. */
  'comparison.changed': comparisonSchema,
  'run.changed': runSchema,
  'run.metrics': z.strictObject({ runId: z.string().min(1), metrics: z.array(metricSchema) }),
  /** What runs or waits, or whether it is paused; how runs come along is told with the runs. */
  'queue.changed': queueSchema,
  'export.changed': exportSchema,
  'diagnostics.progress': z.strictObject({ phase: phaseSchema, done: z.number(), total: z.number() }),
  'generation.changed': generationStateSchema,
  'generation.prompts': generationPromptsSchema,
  'generation.tokens': generationTokensSchema,
  'generation.ended': generationEndSchema,
} as const;

type Events = typeof events;
export type WorkbenchEvent = {
  [Name in keyof Events]: { name: Name; payload: z.output<Events[Name]> };
}[keyof Events];
export type EmitEvent = (event: WorkbenchEvent) => void;
