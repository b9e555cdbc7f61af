import type { PreparedTask } from '../prepared-task.ts';
import { scoreRegistry, type ScoreName } from '../scores.ts';
import type { TaskOf } from '../task.ts';

/** Pictures that are asked for: every prompt from every seed, in this order. A limit takes the first. */
export const prepareMeasured = (
  { name, prompts, seeds, limit }: Pick<TaskOf<'drawn'>, 'name' | 'prompts' | 'seeds' | 'limit'>,
  notices: readonly string[],
): PreparedTask => {
  const measured = prompts
    .flatMap((prompt) => seeds.map((seed) => ({ prompt, seed })))
    .slice(0, limit ?? Infinity)
    .map((one, item) => ({ item, ...one }));
  return {
    facts: { task: name, items: measured.length, chance: null, majority: null, notices: [...notices] },
    likelihood: [],
    written: [],
    pictures: [],
    drawn: [],
    measured,
  };
};

/** The score that a measure is kept as. @param label DINO, CLIP-I, CLIP-T @throws Error for one that the registry lacks, which is a defect */
export const scoreOfMeasure = (label: string): ScoreName => {
  const entry = scoreRegistry.find((score) => score.label === label);
  if (entry === undefined) throw new Error(`no score is called ${label}`);
  return entry.name;
};
