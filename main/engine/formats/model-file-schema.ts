import { z } from 'zod';

/** What a file says of a model. Pure: the contract has it too. */
export const modelFileKinds = ['weights', 'config', 'tokenizer'] as const;
export type ModelFileKind = (typeof modelFileKinds)[number];

/** What a file's entry in its folder says without reading the file. Any write shows in one of them. */
const stampSchema = z.strictObject({
  bytes: z.number(),
  /** Milliseconds since 1970: of the content, which programs can set, and of the entry, which only the system sets. */
  modified: z.number(),
  changed: z.number(),
  inode: z.number(),
});

/** One file of a model, by its content. */
export const modelFileSchema = z.strictObject({
  /** Relative to the folder. */
  name: z.string(),
  kind: z.enum(modelFileKinds),
  /** Hexadecimal. */
  sha256: z.string(),
  bytes: z.number(),
  /** As it was when the content was read; null where it was written so shortly before that a later write could have the same. */
  stamp: stampSchema.nullable(),
});

export type ModelFile = z.output<typeof modelFileSchema>;
export type FileStamp = z.output<typeof stampSchema>;
