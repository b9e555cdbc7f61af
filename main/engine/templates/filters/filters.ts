import { addFilters, filterNamed, type Filter } from './filter-table.ts';
import { sequenceFilters } from './sequence-filters.ts';
import { unsupported } from '../template-error.ts';
import { textFilters } from './text-filters.ts';
import { valueFilters } from './value-filters.ts';

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

const refuse = (name: string): Filter => {
  return () => {
    throw unsupported(`the filter ${name}`);
  };
};

/** All filters of Jinja2, with transformers' tojson, under their names. */
addFilters(textFilters);
addFilters(valueFilters);
addFilters(sequenceFilters);
addFilters(Object.fromEntries(refusedFilters.map((name) => [name, refuse(name)])));

export { filterNamed };
