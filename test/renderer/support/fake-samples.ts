import type { MethodParamsParsed } from '../../../main/services/shared/methods.ts';
import type { RunSamples } from '../../../main/services/shared/sample-entities.ts';
import type { Run } from '../../../main/api/contract.ts';

const prompts = [
  { prompt: 'Call me', expected: null },
  { prompt: 'Q: How many whales are there?\nA:', expected: ' As many as the sea holds.' },
];
const words = 'the whale swam under the old ship and nobody aboard had seen it before'.split(' ');
const interval = 10;

/** What runs of the fake have written: after every ten steps, more words the further they are. */
export const fakeSamples =
  (runOf: (id: string) => Run) =>
  ({ ids, prompt: index, before = Infinity, limit }: MethodParamsParsed<'runs.samples'>): RunSamples => {
    const runs = ids.map(runOf).filter(({ configuration }) => configuration.name.includes('samples'));
    const prompt = prompts[index];
    if (runs.length === 0 || prompt === undefined) return { prompts: [], steps: [], hasEarlier: false };
    const reached = (step: number): Run[] => runs.filter((run) => run.step >= step);
    const steps: number[] = [];
    for (let step = 0; step < before && reached(step).length > 0; step += interval) steps.push(step);
    return {
      prompts,
      steps: steps.slice(-limit).map((step) => ({
        step,
        texts: reached(step).map((run) => {
          const tokens = 3 + Math.min(step / interval, words.length);
          const written = words.slice(0, tokens).join(' ');
          return {
            runId: run.id,
            text: ` ${written}, says ${run.configuration.name}`,
            finish: 'length',
            tokens,
          };
        }),
      })),
      hasEarlier: steps.length > limit,
    };
  };
