import type { Comparison, RunPictures } from '../../../../../main/api/contract.ts';

export type DrawnPicture = RunPictures['steps'][number]['pictures'][number] & { readonly step: number };

/** A run for each arm, of one training seed; of several numbers of pictures the most. */
export const runsOfSeed = ({ runs, arms }: Pick<Comparison, 'runs' | 'arms'>, seed: number) =>
  arms.map(({ name }) =>
    runs.findLast((run) => run.role === 'final' && run.arm === name && run.seed === seed),
  );

/** What the model itself drew, before the first step of any run: they have it alike. */
export const drawnByBase = ({ steps }: Pick<RunPictures, 'steps'>): DrawnPicture | undefined => {
  const pictures = steps.find(({ step }) => step === 0)?.pictures ?? [];
  const drawn = pictures.find(({ file }) => file !== null) ?? pictures[0];
  return drawn && { ...drawn, step: 0 };
};

/** What a run drew last, once it is beyond the model itself. */
export const drawnLast = (
  { steps }: Pick<RunPictures, 'steps'>,
  runId: string | undefined,
): DrawnPicture | undefined => {
  for (const { step, pictures } of steps.toReversed()) {
    const drawn = pictures.find((one) => one.runId === runId);
    if (step > 0 && drawn !== undefined) return { ...drawn, step };
  }
  return undefined;
};
