import { z } from 'zod';

/** Folders of the server's disk, for windows that have no dialog of the system's. Pure. */

/** What the workbench could take in: a model's folder, a PEFT adapter's, a file of rows. */
const holdsSchema = z.enum(['model', 'adapter', 'data']).nullable();

const placeSchema = z.strictObject({
  kind: z.enum(['home', 'data-directory', 'given']),
  path: z.string(),
});

export const folderEntrySchema = z.strictObject({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['folder', 'file']),
  /** Of a file. */
  bytes: z.number().nullable(),
  holds: holdsSchema,
  /** Why it can't be opened. */
  problem: z.string().nullable(),
});

export const folderSchema = z.strictObject({
  path: z.string(),
  /** Null where the folder above is not shown. */
  parent: z.string().nullable(),
  /** The folders above, from the outermost that is shown, and itself. */
  trail: z.array(z.strictObject({ name: z.string(), path: z.string() })),
  holds: holdsSchema,
  /** Folders first, then by name. */
  entries: z.array(folderEntrySchema),
  /** Entries behind those, of which there are too many to send. */
  leftOut: z.int(),
  /** Whose names begin with a dot, where they were not asked for. */
  hidden: z.int(),
  /** Why there are no entries. */
  problem: z.string().nullable(),
  /** Where one can begin. */
  places: z.array(placeSchema),
});

/** Of one folder, in it: no way to another. */
export const folderNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((name) => !/[\\/\0]|^\.{1,2}$/.test(name), {
    error: 'expected the name of one folder, without slashes',
  });

export type Place = z.output<typeof placeSchema>;
export type FolderEntry = z.output<typeof folderEntrySchema>;
export type Folder = z.output<typeof folderSchema>;
