import type { Classes } from '../../data/examples/class-labels.ts';
import type { Example } from '../../data/examples/examples.ts';
import { assertNumbers } from '../not-a-number.ts';
import type { PreparedTask } from '../prepared-task.ts';
import { commonestShare } from '../guessing.ts';

export interface ClassTask {
  readonly name: string;
  /** Each with its label. */
  readonly examples: readonly Example[];
  readonly classes: Classes;
  readonly notices: readonly string[];
}

/** The class that a classifier gives each row, and the loss of the right one. */
export const prepareClasses = ({ name, examples, classes, notices }: ClassTask): PreparedTask => ({
  facts: {
    task: name,
    items: examples.length,
    chance: 1 / classes.names.length,
    majority: commonestShare(examples.map(({ label }) => label as number)),
    notices: [...notices],
  },
  written: [],
  likelihood: examples.map((example) => {
    const { sourceRow: item, label: target = 0 } = example;
    return {
      item,
      sequences: [{ ...example, scored: [{ token: 0, target }] }],
      judge: (outcomes) => {
        const { logLikelihood, predicted } = outcomes[0]!;
        assertNumbers([logLikelihood], item);
        const nameOf = (id: number): string => classes.names[id] as string;
        return {
          item,
          prompt: null,
          expected: nameOf(target),
          answer: nameOf(predicted as number),
          weight: 1,
          values: { accuracy: predicted === target ? 1 : 0, loss: -logLikelihood },
          detail: null,
        };
      },
    };
  }),
});
