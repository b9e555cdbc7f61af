import type { Confound } from './confound-schema.ts';
import { confoundRules, type ConfoundContext } from './confound-rules.ts';

/** Names that may be accepted. */
export const confoundNames: readonly string[] = confoundRules.map(({ name }) => name);

/** What besides the methods may make the difference between the arms, accepted or not. */
export const confoundsOf = (context: ConfoundContext): Confound[] => {
  const accepted = new Set(context.definition.accepted);
  return confoundRules.flatMap(({ name, title, reason, find }) => {
    const found = find(context);
    if (found === null) return [];
    const { message, values } = found;
    return [{ name, title, message, reason, values: { ...values }, accepted: accepted.has(name) }];
  });
};
