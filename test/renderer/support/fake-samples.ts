import type { Experiment, Run, RunSamples, WorkbenchEvent } from '../../../main/api/contract.ts';
import type { MethodParamsParsed } from '../../../main/services/shared/methods.ts';

type Written = Extract<WorkbenchEvent, { name: 'run.samples' }>['payload'];

const words = 'the whale swam under the old ship and nobody aboard had seen it before'.split(' ');
/** Steps between evaluations of the fake. */
export const interval = 10;

/** What a run of the fake has written after a step: more words the further it is. */
export const writtenAt = (
  { definition }: Experiment,
  { id: runId, configuration }: Run,
  step: number,
): Written => {
  const { samples } = definition.training;
  const ofRows = Array.from({ length: samples?.heldOut ?? 0 }, (_, row) => ({
    prompt: `Q: What is in row ${row + 1}?\nA:`,
    expected: ' A whale, and the sea around it.',
  }));
  const prompts = [...(samples?.prompts ?? []).map((prompt) => ({ prompt, expected: null })), ...ofRows];
  const tokens = 3 + Math.min(step / interval, words.length);
  return {
    runId,
    step,
    samples: prompts.map((prompt, position) => ({
      ...prompt,
      position,
      tokens,
      finish: 'length',
      text: ` ${words.slice(position, position + tokens).join(' ')}, says ${configuration.name}`,
    })),
  };
};

export const fakeSamples =
  (runOf: (id: string) => Run, experimentOf: (run: Run) => Experiment) =>
  ({ ids, prompt: index, before = Infinity, limit }: MethodParamsParsed<'runs.samples'>): RunSamples => {
    const runs = ids.map(runOf);
    const of = (run: Run, step: number) => writtenAt(experimentOf(run), run, step).samples;
    const prompts = of(runs[0]!, 0).map(({ prompt, expected }) => ({ prompt, expected }));
    const reached = (step: number): Run[] =>
      runs.filter((run) => run.startedAt !== null && (run.step >= step || run.status === 'completed'));
    const steps: number[] = [];
    for (let step = 0; step < before && reached(step).some((run) => run.step >= step); step += interval)
      steps.push(step);
    if (prompts[index] === undefined || steps.length === 0)
      return { prompts: steps.length === 0 ? [] : prompts, steps: [], hasEarlier: false };
    return {
      prompts,
      steps: steps.slice(-limit).map((step) => ({
        step,
        texts: reached(step).map((run) => {
          const { text, finish, tokens } = of(run, step)[index]!;
          return { runId: run.id, text, finish, tokens };
        }),
      })),
      hasEarlier: steps.length > limit,
    };
  };
