import type { Store } from '../../store/store.ts';
import { sampleSchema } from '../../trainer/protocol/sample-schema.ts';
import type { RunSamples } from '../shared/sample-entities.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import type { RunLedger } from './run-ledger.ts';

/** What runs answered to one prompt, step by step and side by side. */
export const readRunSamples =
  (store: Store, ledger: RunLedger) =>
  ({ ids, prompt: index, before, limit }: MethodParamsParsed<'runs.samples'>): RunSamples => {
    for (const id of ids) ledger.show(id);
    const prompts = store.runSamples.prompts(ids);
    const prompt = prompts[index]?.prompt;
    if (prompt === undefined) return { prompts, steps: [], hasEarlier: false };
    // One more than is told says whether there are more.
    const found = store.runSamples.steps(ids, prompt, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
    const steps = found.slice(0, limit).toReversed();
    if (steps.length === 0) return { prompts, steps: [], hasEarlier: false };
    const texts = store.runSamples.texts(ids, prompt, steps[0]!, steps.at(-1)!);
    return {
      prompts,
      steps: steps.map((step) => ({
        step,
        texts: texts
          .filter((one) => one.step === step)
          .map(({ runId, text, finish, tokens }) => ({
            runId,
            text,
            tokens,
            finish: sampleSchema.shape.finish.parse(finish),
          })),
      })),
      hasEarlier: found.length > limit,
    };
  };
