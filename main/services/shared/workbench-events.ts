import { z } from 'zod';
import { metricSchema, phaseSchema } from '../../trainer/protocol/protocol.ts';
import { exportSchema, runSchema } from './entities.ts';

const nothing = z.strictObject({});

/** Everything the workbench tells without being asked. */
export const events = {
  'models.changed': nothing,
  'datasets.changed': nothing,
  'experiments.changed': nothing,
  'adapters.changed': nothing,
  'run.changed': runSchema,
  'run.metrics': z.strictObject({ runId: z.string().min(1), metrics: z.array(metricSchema) }),
  'export.changed': exportSchema,
  'diagnostics.progress': z.strictObject({ phase: phaseSchema, done: z.number(), total: z.number() }),
} as const;

type Events = typeof events;
export type WorkbenchEvent = {
  [Name in keyof Events]: { name: Name; payload: z.output<Events[Name]> };
}[keyof Events];
export type EmitEvent = (event: WorkbenchEvent) => void;
