import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Which values of a setting are tried. */
const settingRangeSchema = z.union([
  z.strictObject({ values: z.array(scalar).min(1).max(200) }),
  z.strictObject({
    /** From and to, both tried by a grid, evenly in their logarithm: rates, weights. */
    logRange: z.tuple([z.number().positive(), z.number().positive()]),
    /** Points of a grid; a random search draws from all of the range. */
    points: z.int().min(2).max(200).default(5),
    whole: z.boolean().default(false),
  }),
  z.strictObject({
    range: z.tuple([z.number(), z.number()]),
    points: z.int().min(2).max(200).default(5),
    /** Whole numbers only: ranks, steps. */
    whole: z.boolean().default(false),
  }),
]);

export type SettingRange = z.output<typeof settingRangeSchema>;

/**
 * What is searched, the same for every arm. Settings are paths: `learningRate` or `training.learningRate` of how a run trains,
 * `adapter.dropout` of its adapter.
 */
export const sweepSchema = z
  .strictObject({
    settings: z.record(z.string().min(1), settingRangeSchema),
    /** Every combination; so many drawn at random; drawn, of which the better go on to longer runs. */
    search: z.enum(['grid', 'random', 'halving']).default('grid'),
    /** Of each arm. A grid has as many as it has points, so it takes none. */
    trials: z.int().min(1).max(1000).nullable().default(null),
    seed: z.int().min(0).max(0xffff_ffff).default(0),
    halving: z
      .strictObject({
        /** Rounds; each keeps one in `keepOneIn` of the trials and trains them so many times as long. */
        rounds: z.int().min(2).max(10).default(3),
        keepOneIn: z.int().min(2).max(10).default(3),
      })
      .prefault({}),
  })
  .superRefine(({ settings, search, trials }, context) => {
    const paths = Object.keys(settings);
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (paths.length === 0) issue(['settings'], 'expected at least one setting to search');
    if (search === 'grid' && trials !== null)
      issue(['trials'], 'a grid has as many trials as it has points; leave trials out, or search at random');
    if (search !== 'grid' && trials === null)
      issue(
        ['trials'],
        `a ${search === 'random' ? 'random search' : 'halving search'} needs to be told how many`,
      );
    for (const path of paths) {
      const range = settings[path]!;
      const ends = 'logRange' in range ? range.logRange : 'range' in range ? range.range : null;
      if (ends !== null && ends[0] >= ends[1])
        issue(
          ['settings', path, 'logRange' in range ? 'logRange' : 'range'],
          `expected the smaller number first, not ${ends[0]} and ${ends[1]}`,
        );
    }
  });

export type Sweep = z.output<typeof sweepSchema>;
export type SweepInput = z.input<typeof sweepSchema>;

export type SettingValue = z.output<typeof scalar>;

/** One point of a search: a value for each path. */
export const trialSchema = z.strictObject({
  number: z.int().min(0),
  settings: z.record(z.string(), scalar),
  /** `lr 3e-4, dropout 0.1` */
  label: z.string(),
});

export type Trial = z.output<typeof trialSchema>;
