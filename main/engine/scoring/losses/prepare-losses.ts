import { nextTokens } from '../../data/batches/token-batching.ts';
import type { Example } from '../../data/examples/examples.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { assertNumbers } from '../not-a-number.ts';
import type { PreparedTask } from '../prepared-task.ts';

export interface LossTask {
  readonly name: string;
  readonly examples: readonly Example[];
  readonly notices: readonly string[];
  /** For the rows' texts, so that a person can read what was asked. */
  readonly tokenizer: Pick<Tokenizer, 'decode'>;
}

/** The loss of each row: its mean over the row's targets, whose number is its weight, so that the weighted mean is the loss over all targets. */
export const prepareLosses = ({ name, examples, notices, tokenizer }: LossTask): PreparedTask => ({
  facts: { task: name, items: examples.length, chance: null, majority: null, notices: [...notices] },
  written: [],
  drawn: [],
  measured: [],
  pictures: [],
  likelihood: examples.map((example) => {
    const scored = [...nextTokens(example)];
    return {
      item: example.sourceRow,
      sequences: [{ ...example, scored }],
      judge: (outcomes) => {
        const { logLikelihood } = outcomes[0]!;
        assertNumbers([logLikelihood], example.sourceRow);
        return {
          item: example.sourceRow,
          prompt: tokenizer.decode([...example.inputIds]),
          expected: null,
          answer: null,
          weight: scored.length,
          values: { loss: -logLikelihood / scored.length },
          detail: null,
        };
      },
    };
  }),
});
