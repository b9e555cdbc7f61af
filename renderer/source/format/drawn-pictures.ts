import type { RunPictures, WorkbenchEvent } from '../../../main/api/contract.ts';

type Drawn = Extract<WorkbenchEvent, { name: 'run.pictures' }>['payload'];

/** What is shown, with what a run has just drawn of the prompt and seed that are shown; as it is where those are others. */
export const withDrawn = (
  shown: RunPictures,
  asked: RunPictures['asked'][number] | undefined,
  { runId, step, pictures }: Drawn,
): RunPictures => {
  const drawn = pictures.find(({ prompt, seed }) => prompt === asked?.prompt && seed === asked.seed);
  if (drawn === undefined) return shown;
  const { position, file, problem } = drawn;
  const others = (shown.steps.find((known) => known.step === step)?.pictures ?? []).filter(
    (known) => known.runId !== runId,
  );
  const steps = [
    ...shown.steps.filter((known) => known.step !== step),
    { step, pictures: [...others, { runId, position, file, problem }] },
  ];
  return { ...shown, steps: steps.toSorted((a, b) => a.step - b.step) };
};
