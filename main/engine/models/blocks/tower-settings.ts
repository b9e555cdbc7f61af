import { invalidInput } from '../../errors.ts';
import { isObject, valueText } from '../../json-value.ts';
import type { z } from 'zod';
import { readConfiguration } from '../configuration.ts';

/** What config.json says of one of its parts; null where it says nothing. `place` is its path, for errors. */
export const readPart = <Shape extends z.ZodRawShape>(
  known: z.ZodObject<Shape>,
  config: Readonly<Record<string, unknown>>,
  field: string,
  place: string,
): z.output<z.ZodObject<Shape>> | null => {
  const given = config[field];
  if (given === undefined || given === null) return null;
  if (!isObject(given)) throw invalidInput(`${place}: ${field} is ${valueText(given)}, not an object`);
  const type = `${valueText(config['model_type'])}'s ${field}`;
  return readConfiguration(known, { model_type: type, ...given }, `${place}: ${field}`);
};

/** @throws invalid-input where the width does not divide; `place` names the part of the configuration */
export const checkHeads = (
  {
    hidden_size: width,
    num_attention_heads: heads,
  }: { readonly hidden_size: number; readonly num_attention_heads: number },
  place: string,
): void => {
  if (width % heads !== 0)
    throw invalidInput(`${place}: hidden_size ${width} does not divide into ${heads} heads`);
};
