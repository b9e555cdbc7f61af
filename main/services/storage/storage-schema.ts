import { z } from 'zod';

/** What a data directory holds. Pure, as it runs in a browser too. */
export const storagePartNames = [
  'library',
  'runs',
  'adapters',
  'exports',
  'bases',
  'cache',
  'copies',
  'leftovers',
  'other',
] as const;

/** Those that nothing depends on. */
export const clearablePartNames = ['bases', 'cache', 'copies', 'leftovers'] as const;

const sizeFields = { files: z.int(), bytes: z.number() };

export const storageSchema = z.strictObject({
  /** The data directory. */
  directory: z.string(),
  /** Left on its disk for this person. */
  freeBytes: z.number(),
  parts: z.array(z.strictObject({ name: z.enum(storagePartNames), ...sizeFields })),
});

export const clearedSchema = z.strictObject(sizeFields);

export type Storage = z.output<typeof storageSchema>;
export type StoragePartName = (typeof storagePartNames)[number];
export type ClearablePartName = (typeof clearablePartNames)[number];
