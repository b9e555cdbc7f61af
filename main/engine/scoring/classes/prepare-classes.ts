import type { Classes } from '../../data/examples/class-labels.ts';
import type { Example } from '../../data/examples/examples.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { assertNumbers } from '../not-a-number.ts';
import type { PreparedTask } from '../prepared-task.ts';
import { commonestShare } from '../guessing.ts';

export interface ClassTask {
  readonly name: string;
  /** Each with its label. */
  readonly examples: readonly Example[];
  readonly classes: Classes;
  readonly notices: readonly string[];
  /** For the rows' texts, so that a person can read what was asked. */
  readonly tokenizer: Pick<Tokenizer, 'decode'>;
}

/** The class that a classifier gives each row, and the loss of the right one. */
export const prepareClasses = ({ name, examples, classes, notices, tokenizer }: ClassTask): PreparedTask => ({
  facts: {
    task: name,
    items: examples.length,
    chance: 1 / classes.names.length,
    majority: commonestShare(examples.map(({ label }) => label as number)),
    notices: [...notices],
  },
  written: [],
  drawn: [],
  measured: [],
  pictures: [],
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
          prompt: tokenizer.decode([...example.inputIds]),
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
