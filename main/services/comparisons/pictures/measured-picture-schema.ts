import { z } from 'zod';

const id = z.string().min(1);

/** What base and arms drew to be measured. Pure: it runs in a browser too. */
export const measuredPicturesParameters = z.strictObject({
  id,
  /** The name of one of the comparison's tasks of the kind "drawn". */
  task: z.string().min(1),
});

export const measuredPicturesSchema = z.strictObject({
  /** Of every subject, in the order of the task's items. */
  wanted: z.array(z.strictObject({ prompt: z.string(), seed: z.int() })),
  /** The base first, then the runs that are reported on. */
  subjects: z.array(
    z.strictObject({
      /** Null is the base. */
      runId: id.nullable(),
      /** Whether its pictures are there, all of them. */
      isDrawn: z.boolean(),
    }),
  ),
});

/** One of them. */
export const measuredPictureParameters = z.strictObject({
  ...measuredPicturesParameters.shape,
  runId: id.nullable(),
  /** Of what is wanted, from 0. */
  position: z.int().min(0),
});

export type MeasuredPicturesOfTask = z.output<typeof measuredPicturesSchema>;
