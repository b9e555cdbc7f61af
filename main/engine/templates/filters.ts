import { sequenceFilters } from './sequence-filters.ts';
import { unsupported } from './template-error.ts';
import { textFilters } from './text-filters.ts';
import { valueFilters } from './value-filters.ts';
import type { Arguments, Value } from './python/values.ts';

export type Filter = (value: Value, args: Arguments) => Value;

/** Jinja2 has them; a chat template has no use for them, and doing them exactly would be long, or impossible (random). */
export const refusedFilters = [
  'filesizeformat',
  'forceescape',
  'pprint',
  'random',
  'striptags',
  'urlize',
  'wordwrap',
  'xmlattr',
];

/** All filters of Jinja2, with transformers' tojson, under their names. */
export const filters: Readonly<Record<string, Filter>> = {
  ...textFilters,
  ...valueFilters,
  ...sequenceFilters,
  ...Object.fromEntries(
    refusedFilters.map((name): [string, Filter] => [
      name,
      () => {
        throw unsupported(`the filter ${name}`);
      },
    ]),
  ),
};
