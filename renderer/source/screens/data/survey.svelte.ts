import { createResource } from '../../state/resource.svelte.ts';
import type { WorkbenchState } from '../../state/workbench.svelte.ts';

const settle = 400;

/**
 * What is found by going through all rows of data: asked for shortly after the question has changed.
 * @param question undefined while there is none; its parts are what the answer depends on
 */
export const createSurvey = <Question, Answer>(
  { client }: WorkbenchState,
  question: () => Question | undefined,
  ask: (question: Question) => Promise<Answer>,
) => {
  const asked = $derived(JSON.stringify(question()));
  const resource = createResource(async () => {
    const now = asked;
    return { asked: now, answer: await ask(JSON.parse(now) as Question) };
  });
  let isAsking = $state(false);
  const refresh = async (): Promise<void> => {
    isAsking = true;
    await resource.refresh();
    isAsking = false;
  };
  $effect(() => {
    if (asked === undefined) return;
    const timer = setTimeout(() => void refresh(), settle);
    return () => clearTimeout(timer);
  });
  return {
    /** Of an earlier question while the next is under way. */
    get answer(): Answer | undefined {
      return asked === undefined ? undefined : resource.value?.answer;
    },
    get isStale(): boolean {
      return resource.value?.asked !== asked;
    },
    get isAsking(): boolean {
      return isAsking;
    },
    get error(): string | undefined {
      return resource.error;
    },
    again: () => void refresh(),
    stop: (id: string) => void client.call('datasets.stop', { id }),
  };
};
