import { invalidInput } from '../../../engine/errors.ts';
import { instead } from '../../../engine/suggestions.ts';
import type { Confound } from './confound-schema.ts';
import { confoundRules, type ConfoundContext } from './confound-rules.ts';

const names: readonly string[] = confoundRules.map(({ name }) => name);

/**
 * Names by which confounds are accepted, that there are. One that is misspelt would accept nothing, in silence.
 * @throws invalid-input naming it, with what it may have been meant for
 */
export const checkAccepted = (accepted: Iterable<string>): void => {
  for (const name of accepted)
    if (!names.includes(name))
      throw invalidInput(`accepted: there is no confound ${JSON.stringify(name)}${instead(name, names)}`);
};

/**
 * What besides the methods may make the difference between the arms, accepted or not.
 * @throws invalid-input for an accepted name that there is not
 */
export const confoundsOf = (context: ConfoundContext): Confound[] => {
  checkAccepted(context.definition.accepted);
  const accepted = new Set(context.definition.accepted);
  return confoundRules.flatMap(({ name, title, reason, find }) => {
    const found = find(context);
    if (found === null) return [];
    const { message, values } = found;
    return [{ name, title, message, reason, values: { ...values }, accepted: accepted.has(name) }];
  });
};
