import type { Model } from '../../models/model.ts';
import { labelInputs } from '../../objectives/scored-rows/label-chunks.ts';
import type { Tensor } from '../../tensor.ts';

/** What an evaluation graph gave, by name. */
type Outputs = Readonly<Record<string, Tensor>>;

/** The chunks of an output, in the order of the scored rows; sums over it are taken in doubles. */
const join = (outputs: Outputs, kind: 'losses' | 'logits'): Float64Array => {
  const parts: Tensor[] = [];
  for (let chunk = 0; ; chunk++) {
    const part = outputs[labelInputs(chunk)[kind]];
    if (part === undefined) break;
    parts.push(part);
  }
  return Float64Array.from(parts.flatMap(({ data }) => Array.from(data, Number)));
};

/** The loss of each scored row. */
export const lossesOf = (outputs: Outputs): Float64Array => join(outputs, 'losses');

/** The first of several largest, as in torch's argmax; undefined for models that predict tokens. */
export const predictedClasses = (
  { architecture }: Pick<Model, 'architecture'>,
  outputs: Outputs,
): number[] | undefined => {
  if (outputs[labelInputs(0).logits] === undefined) return undefined;
  const logits = join(outputs, 'logits');
  const classes = architecture.outputs;
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    return scores.indexOf(Math.max(...scores));
  });
};
