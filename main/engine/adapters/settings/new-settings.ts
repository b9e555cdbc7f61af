import type { z } from 'zod';
import { isObject } from '../../json-value.ts';
import type { Problem } from '../../problems.ts';
import { adapterSettingsSchema, type AdapterSettings } from './adapter-settings.ts';
import { expressionProblem } from '../description/patterns.ts';

/** Numbers of which an adapter that comes trained may have any, and what they must be of one that is to be trained. */
const bounds: Readonly<
  Record<string, { readonly holds: (value: number) => boolean; readonly asks: string }>
> = {
  alpha: { holds: (value) => value > 0, asks: 'more than 0' },
  alphaPattern: { holds: (value) => value > 0, asks: 'more than 0' },
  dropout: { holds: (value) => value >= 0 && value < 1, asks: 'at least 0 and less than 1' },
  initial: { holds: (value) => value > 0, asks: 'more than 0' },
};

const ofNumbers = (settings: AdapterSettings): Problem[] =>
  Object.entries(settings).flatMap(([field, value]: [string, unknown]) => {
    const bound = bounds[field];
    if (bound === undefined) return [];
    const numbers = isObject(value)
      ? Object.entries(value as Record<string, number>).map(([key, one]) => ({
          path: [field, key],
          number: one,
        }))
      : [{ path: [field], number: value as number }];
    return numbers
      .filter(({ number }) => !bound.holds(number))
      .map(({ path, number }) => ({ path, message: `expected ${bound.asks}, not ${number}` }));
  });

/** Expressions of whole paths, and keys of patterns, that are none. */
const ofExpressions = (settings: AdapterSettings): Problem[] =>
  Object.entries(settings).flatMap(([field, value]: [string, unknown]) => {
    const isPattern = field === 'rankPattern' || field === 'alphaPattern';
    const isExpression = ['targetModules', 'excludeModules'].includes(field) && typeof value === 'string';
    if (!isPattern && !isExpression) return [];
    const expressions = isExpression ? [value] : Object.keys(value as object);
    return expressions.flatMap((expression) => {
      const message = expressionProblem(expression);
      return message === null ? [] : [{ path: isPattern ? [field, expression] : [field], message }];
    });
  });

/**
 * Settings of an adapter that is to be trained. One that comes trained (PEFT's files may have an alpha of zero or below, which takes
 * away what was learned, and any dropout) is held by `adapterSettingsSchema` as it is.
 */
export const newAdapterSettingsSchema: z.ZodType<
  AdapterSettings,
  z.input<typeof adapterSettingsSchema>
> = adapterSettingsSchema.superRefine((settings, context) => {
  for (const { path, message } of [...ofNumbers(settings), ...ofExpressions(settings)])
    context.addIssue({ code: 'custom', path: [...path], message });
});
