import type { RunSamples, WorkbenchEvent } from '../../../main/api/contract.ts';

type Written = Extract<WorkbenchEvent, { name: 'run.samples' }>['payload'];

/** What is shown, with what a run has just written to the prompt that is shown; as it is where the prompt is another. */
export const withWritten = (
  shown: RunSamples,
  prompt: string | undefined,
  { runId, step, samples }: Written,
): RunSamples => {
  const written = samples.find((sample) => sample.prompt === prompt);
  if (written === undefined) return shown;
  const { text, finish, tokens } = written;
  const texts = (shown.steps.find((known) => known.step === step)?.texts ?? []).filter(
    (known) => known.runId !== runId,
  );
  const steps = [
    ...shown.steps.filter((known) => known.step !== step),
    { step, texts: [...texts, { runId, text, finish, tokens }] },
  ];
  return { ...shown, steps: steps.sort((a, b) => a.step - b.step) };
};
