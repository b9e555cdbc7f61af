import { failed } from '../template-error.ts';
import { integerOf, isInteger, isUndefined, typeName, type Arguments, type Value } from './values.ts';

/**
 * Sorts arguments to the names of a signature, as Python does. A name with `?` behind it may be left out (undefined then); one
 * with `/` before it can't be given by name.
 * @param signature such as '/old /new count?'
 */
export const bind = (
  what: string,
  signature: string,
  { positional, named }: Arguments,
): (Value | undefined)[] => {
  const parameters = signature.split(' ').filter((name) => name !== '');
  if (positional.length > parameters.length)
    throw failed(
      `${what} takes at most ${parameters.length} argument${parameters.length === 1 ? '' : 's'} (${positional.length} given)`,
    );
  const open = new Set(named.keys());
  const bound = parameters.map((parameter, index) => {
    const name = parameter.replaceAll(/[/?]/g, '');
    const given = positional[index];
    if (open.has(name) && !parameter.startsWith('/')) {
      if (given !== undefined) throw failed(`${what} got multiple values for argument '${name}'`);
      open.delete(name);
      return named.get(name);
    }
    if (given === undefined && !parameter.endsWith('?')) throw failed(`${what} needs the argument '${name}'`);
    return given;
  });
  const [unknown] = open;
  if (unknown !== undefined) throw failed(`${what} got an unexpected keyword argument '${unknown}'`);
  return bound;
};

/** An int as a number, for counts and positions; beyond 2^53 as far as it goes. */
export const countOf = (value: Value, what: string): number => {
  if (isUndefined(value)) throw failed(value.message);
  if (!isInteger(value)) throw failed(`${what} takes a whole number, not ${typeName(value)}`);
  return Number(integerOf(value));
};
