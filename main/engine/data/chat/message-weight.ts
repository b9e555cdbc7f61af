import { invalidInput, WorkbenchError } from '../../errors.ts';
import { isWrittenFloat, scalarText } from '../../formats/written-number.ts';

/** Where data sets say whether a turn is learnt: OpenAI's and Mistral's weight, axolotl's train and training, ms-swift's loss. */
const weightKeys = ['weight', 'train', 'training', 'loss'];

/** Parts of a turn, or shares of it: more than whole turns that are learnt or not. */
const finerKeys = ['train_detail', 'training_detail', 'loss_scale', 'loss_weight'];

const meanings = new Map<unknown, boolean>([
  [0, false],
  [1, true],
  [false, false],
  [true, true],
]);

/**
 * Takes the weight out of a message: it is meant for the trainer, not for the template.
 * @throws WorkbenchError where it is anything but all or nothing, or says both
 */
export const readWeight = (
  message: Readonly<Record<string, unknown>>,
  place: string,
): { readonly learn: boolean | undefined; readonly rest: Record<string, unknown> } => {
  const finer = finerKeys.find((key) => Object.hasOwn(message, key));
  if (finer !== undefined)
    throw new WorkbenchError('unsupported', `${place}: has "${finer}"; a turn is learnt whole or not at all`);
  const said = weightKeys.filter((key) => Object.hasOwn(message, key));
  const learn = said.map((key) => {
    const given = message[key];
    const meaning = meanings.get(isWrittenFloat(given) ? given.float : given);
    if (meaning === undefined)
      throw invalidInput(
        `${place}: "${key}" is ${scalarText(given) ?? 'a list or an object'}; a turn is learnt whole or not at all (1 or 0, true or false)`,
      );
    return meaning;
  });
  if (new Set(learn).size > 1)
    throw invalidInput(`${place}: "${said.join('" and "')}" contradict each other`);
  const rest = Object.fromEntries(Object.entries(message).filter(([key]) => !said.includes(key)));
  return { learn: learn[0], rest };
};
