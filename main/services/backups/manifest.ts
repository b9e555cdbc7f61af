import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { readTarEntries, type TarEntry } from '../../engine/formats/tar.ts';
import { readRange } from './ranges.ts';

export const manifestName = 'manifest.json';
const mostManifestBytes = 2 ** 28;

const entrySchema = z.strictObject({
  name: z.string(),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What an experiment was made on, by content. */
const usesSchema = z.strictObject({
  model: z.strictObject({ name: z.string(), files: z.array(modelFileSchema).nullable() }),
  dataset: z.strictObject({
    name: z.string(),
    trainSha256: z.string(),
    validationSha256: z.string().nullable(),
  }),
});

/** The first file of a backup: what it is of, and every other file by its hash. */
export const manifestSchema = z.strictObject({
  format: z.literal('nora-backup'),
  version: z.literal(1),
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
  entries: z.array(entrySchema),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestEntry = z.output<typeof entrySchema>;

const allowedTops = ['workbench.sqlite', 'experiment.sqlite', 'runs', 'adapters', 'exports', 'templates'];

/** Confined to a data directory's own folders, on every system: no way up, no drive, no stream, no name that Windows reads otherwise. */
const isConfined = (name: string): boolean => {
  const parts = name.split('/');
  const isPlain = (part: string): boolean =>
    part !== '' && part !== '.' && part !== '..' && !/[\\:\x00-\x1f]|[. ]$/.test(part);
  return allowedTops.includes(parts[0]!) && parts.every(isPlain);
};

export interface OpenedBackup {
  readonly path: string;
  readonly manifest: Manifest;
  /** In the manifest's order. */
  readonly entries: readonly (ManifestEntry & TarEntry)[];
}

/**
 * Opens a backup and holds its list against what is in it. The contents are not read.
 * @throws WorkbenchError naming the file and what is wrong with it
 */
export const openBackup = async (path: string): Promise<OpenedBackup> => {
  const [first, ...others] = readTarEntries(path);
  if (first?.name !== manifestName || first.bytes > mostManifestBytes)
    throw invalidInput(`${path}: is no backup of NoRA Workbench: it does not begin with ${manifestName}`);
  const manifest = parseManifest(path, (await readRange(path, first)).toString('utf8'));
  const isListed = others.length === manifest.entries.length;
  const entries = manifest.entries.map((entry, at) => {
    const found = others[at];
    if (!isListed || found?.name !== entry.name || found.bytes !== entry.bytes)
      throw invalidInput(`${path}: is damaged: ${manifestName} lists other files than there are`);
    if (!isConfined(entry.name))
      throw invalidInput(
        `${path}: holds ${JSON.stringify(entry.name)}, which would lie outside a data directory`,
      );
    return { ...entry, offset: found.offset };
  });
  if (!isListed) throw invalidInput(`${path}: is damaged: ${manifestName} lists other files than there are`);
  const names = new Set(entries.map(({ name }) => name.normalize('NFC').toLowerCase()));
  if (names.size < entries.length) throw invalidInput(`${path}: holds two files of one name`);
  return { path, manifest, entries };
};

const parseManifest = (path: string, text: string): Manifest => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalidInput(`${path}: ${manifestName} is not JSON`, { cause: error });
  }
  const { version } = (json ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version > 1)
    throw new WorkbenchError(
      'newer-version',
      `${path}: was written by a newer NoRA Workbench (backup version ${version}; this release reads 1)`,
    );
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidInput(
    `${path}: ${manifestName} is not a backup's: ${issue?.path.join('.')}: ${issue?.message}`,
  );
};
