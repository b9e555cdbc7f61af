import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { damagedSchema } from './backups-schema.ts';
import { fileSumSchema, type FileSum } from './file-sums.ts';

export const manifestName = 'manifest.json';
/** What this release writes. */
export const backupVersion = 2;

/** What an experiment was made on, by content. */
const usesSchema = z.strictObject({
  model: z.strictObject({ name: z.string(), files: z.array(modelFileSchema).nullable() }),
  dataset: z.strictObject({
    name: z.string(),
    trainSha256: z.string(),
    validationSha256: z.string().nullable(),
  }),
});

const fields = {
  format: z.literal('nora-backup'),
  createdAt: z.string(),
  workbench: z.string(),
  /** Of the library in it: how many migrations it has seen. */
  dataVersion: z.int().min(1),
  /** Where the library lay: exports in it are found again where it lies then. */
  dataDirectory: z.string(),
  /** Null where everything is in it. */
  experiment: z
    .strictObject({ id: z.string(), name: z.string(), runs: z.array(z.string()), uses: usesSchema })
    .nullable(),
};

/** The first file of a backup: what it is of. */
const manifestSchema = z.strictObject({
  ...fields,
  version: z.literal(backupVersion),
  damaged: z.array(damagedSchema),
});

/** The first version had the files in its manifest, which had no sum of its own. */
const firstSchema = z.strictObject({ ...fields, version: z.literal(1), entries: z.array(fileSumSchema) });

export type Manifest = z.output<typeof manifestSchema>;

export interface ReadManifest {
  readonly manifest: Manifest;
  /** Where it lists the files itself. */
  readonly listed?: readonly FileSum[];
}

/** @throws WorkbenchError naming the backup and what is wrong with its manifest */
export const parseManifest = (path: string, text: string): ReadManifest => {
  const json = parseJson(path, text);
  const { version } = (json ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version > backupVersion)
    throw new WorkbenchError(
      'newer-version',
      `${path}: was written by a newer NoRA Workbench (backup version ${version}; this release reads up to ${backupVersion})`,
    );
  if (version !== 1) return { manifest: parseAs(path, manifestSchema, json) };
  const { entries, ...first } = parseAs(path, firstSchema, json);
  return { manifest: { ...first, version: backupVersion, damaged: [] }, listed: entries };
};

const parseJson = (path: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput(`${path}: ${manifestName} is not JSON`, { cause: error });
  }
};

const parseAs = <Schema extends z.ZodType>(path: string, schema: Schema, json: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidInput(
    `${path}: ${manifestName} is not a backup's: ${issue?.path.join('.')}: ${issue?.message}`,
  );
};
