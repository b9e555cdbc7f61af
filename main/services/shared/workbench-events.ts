import { z } from 'zod';
import { metricSchema, phaseSchema } from '../../trainer/protocol/protocol.ts';
import { drawnSampleSchema } from '../../trainer/protocol/drawn-sample-schema.ts';
import { sampleSchema } from '../../trainer/protocol/sample-schema.ts';
import { comparisonSchema } from '../comparisons/comparison-schema.ts';
import { backupProgressSchema } from '../backups/backups-schema.ts';
import { integritySchema } from '../integrity/integrity-schema.ts';
import { weightSpectraSchema } from '../library/weight-spectra/weight-spectra-schema.ts';
import { queueSchema } from './queue-entity.ts';
import { adapterSchema, experimentSummarySchema, exportSchema, runSchema } from './entities.ts';
import {
  generationEndSchema,
  generationPromptsSchema,
  generationStateSchema,
  generationTokensSchema,
} from './generation-entities.ts';

const nothing = z.strictObject({});
const ids = z.array(z.string().min(1));

/** Everything the workbench tells without being asked. */
export const events = {
  'models.changed': nothing,
  /** One more of a model's weights is decomposed, or the work has ended. */
  'models.spectra': weightSpectraSchema,
  'datasets.changed': nothing,
  /** How far files are read, in bytes, by the name that whoever asked gave the job. */
  'reading.progress': z.strictObject({
    job: z.string(),
    path: z.string(),
    done: z.number(),
    total: z.number(),
  }),
  /** Those that came, or whose runs have another status now, as lists show them; and those that went, with all that is theirs. */
  'experiments.changed': z.strictObject({ changed: z.array(experimentSummarySchema), removed: ids }),
  'adapters.changed': z.strictObject({ changed: z.array(adapterSchema), removed: ids }),
  /** Some went. */
  'comparisons.removed': z.strictObject({ removed: ids }),
  /** It came, or its phases and assessments are others; how its runs come along is told with the runs. */
  'comparison.changed': comparisonSchema,
  'run.changed': runSchema,
  /** People have said something of them: tags, a note, another name, put away or taken out. */
  'runs.marked': z.strictObject({ ids }),
  /** Out of every list, or in them again; with the experiments that they belong to. */
  'runs.removed': z.strictObject({ ids, experimentIds: ids }),
  'runs.returned': z.strictObject({ ids, experimentIds: ids }),
  /** Ways to look at the table of runs. */
  'views.changed': nothing,
  'run.metrics': z.strictObject({ runId: z.string().min(1), metrics: z.array(metricSchema) }),
  /** It has written to its prompts, after so many steps. */
  'run.samples': z.strictObject({
    runId: z.string().min(1),
    step: z.int(),
    samples: z.array(sampleSchema),
  }),
  /** It has drawn its prompts, after so many steps. */
  'run.pictures': z.strictObject({
    runId: z.string().min(1),
    step: z.int(),
    pictures: z.array(drawnSampleSchema),
    /** The folder that they lie in, with `drawn.jsonl`. */
    targetPath: z.string(),
  }),
  /** What runs or waits, or whether it is paused; how runs come along is told with the runs. */
  'queue.changed': queueSchema,
  'export.changed': exportSchema,
  'integrity.changed': integritySchema,
  /** How far the backup is that is being written, or restored. */
  'backups.progress': backupProgressSchema,
  'diagnostics.progress': z.strictObject({ phase: phaseSchema, done: z.number(), total: z.number() }),
  'adapters.combining': z.strictObject({ phase: phaseSchema, done: z.number(), total: z.number() }),
  /** How far a map of pictures is, in pictures that were looked at. */
  'classifying.progress': z.strictObject({ job: z.string(), done: z.number(), total: z.number() }),
  /** How far pictures are that are being drawn, in steps; decoding one counts as a step. */
  'drawing.progress': z.strictObject({ job: z.string(), done: z.number(), total: z.number() }),
  /** How far drawn pictures are measured, in pictures and models. */
  'fidelity.progress': z.strictObject({ job: z.string(), done: z.number(), total: z.number() }),
  /** Tests of pictures that are judged blind, and what was said. */
  'blind.changed': nothing,
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
