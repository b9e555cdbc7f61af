import { z } from 'zod';
import { runStatusSchema } from '../shared/entities.ts';

const id = z.string().min(1);

/** Which runs a table shows, and in which order. */
export const runQueryFields = {
  /** Only those with one of these. */
  statuses: z.array(runStatusSchema).optional(),
  /** Only these. */
  ids: z.array(id).max(10_000).optional(),
  /** As in `method = nora and validation/loss < 2.1 and not tag = best`: docs/runs-table.md. */
  filter: z.string().default(''),
  /** Runs that are put away: beside the others, alone, or not. */
  archived: z.enum(['shown', 'only', 'hidden']).default('shown'),
  sort: z.strictObject({ column: z.string(), descending: z.boolean().default(false) }).optional(),
  /** Runs with the same value in this column stand together; one with two tags stands with each of them. */
  group: z.string().optional(),
} as const;

export type RunQueryAsked = z.output<z.ZodObject<typeof runQueryFields>>;

/** Runs that have the same value in the column that they are grouped by. */
export const runGroupSchema = z.strictObject({
  /** Null for those that have none. */
  value: z.union([z.string(), z.number()]).nullable(),
  runs: z.int(),
  /** Of the measured column, over those of its runs that have a number there. */
  lowest: z.number().nullable(),
  highest: z.number().nullable(),
  mean: z.number().nullable(),
});
export type RunGroup = z.output<typeof runGroupSchema>;

/** A column that these runs can be shown by. */
export const runColumnSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['fact', 'setting', 'metric']),
  /** Whether two of the runs differ in it; what is measured differs anyway. */
  differs: z.boolean(),
});
export type RunColumnEntry = z.output<typeof runColumnSchema>;

/** How somebody looks at the table. */
export const viewDefinitionSchema = z.strictObject({
  filter: z.string().max(2000),
  /** Whether runs that are put away are shown, too. */
  archived: z.boolean(),
  sort: z.strictObject({ column: z.string(), descending: z.boolean() }).nullable(),
  group: z.string().nullable(),
  /** In their order; those that are pinned come first and stay in sight. */
  columns: z.array(z.string()).min(1).max(40),
  pinned: z.array(z.string()).max(40),
  /** Only columns in which the listed runs differ. */
  differing: z.boolean(),
});
export type ViewDefinition = z.output<typeof viewDefinitionSchema>;

export const runViewSchema = z.strictObject({
  id,
  name: z.string(),
  definition: viewDefinitionSchema,
  createdAt: z.iso.datetime(),
});
export type RunView = z.output<typeof runViewSchema>;

/** A tag, and how many of the runs have it. */
export const tagCountSchema = z.strictObject({ tag: z.string(), runs: z.int() });

/** Runs on which a tag was put, or from which it was taken. */
const taggedSchema = z.array(z.strictObject({ tag: z.string(), ids: z.array(id) }));
/** What it takes to take a change of tags back: those that a run had before, or lacked, are not among them. */
export const tagChangeSchema = z.strictObject({
  ids: z.array(id),
  added: taggedSchema,
  removed: taggedSchema,
});
export type TagChange = z.output<typeof tagChangeSchema>;

/** A small curve of a run: the metric that tells most of it, in no more points than are drawn. */
export const sparklineSchema = z.strictObject({
  runId: id,
  metric: z.string(),
  /** The mean of each part of the run that has values, from its first step to its last. */
  values: z.array(z.number()),
  first: z.number(),
  last: z.number(),
});
export type Sparkline = z.output<typeof sparklineSchema>;
