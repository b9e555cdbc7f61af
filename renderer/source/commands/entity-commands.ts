import { href } from '../state/routes.ts';
import type { WorkbenchState } from '../state/workbench.svelte.ts';
import type { Command } from './command.ts';

/** As many as of each kind are looked through. */
const mostOfKind = 50;

/**
 * A command for each thing with a page whose name has what was typed. There may be thousands of experiments: the workbench looks through
 * them, for the longest word, as the order of words is not to matter.
 */
export const findThings = async (
  { client, models, datasets, comparisons }: WorkbenchState,
  typed: string,
): Promise<Command[]> => {
  const [search = ''] = typed.split(/\s+/).toSorted((a, b) => b.length - a.length);
  if (search === '') return [];
  const experiments = await client.call('experiments.list', { search, limit: mostOfKind });
  return [
    ...opening('experiment', experiments.items, href.experiment),
    ...opening('comparison', comparisons.value, href.comparison),
    ...opening('model', models.value, href.model),
    ...opening('data', datasets.value, href.dataset),
  ];
};

const opening = (
  icon: 'experiment' | 'comparison' | 'model' | 'data',
  list: readonly { id: string; name: string }[] | undefined,
  addressOf: (id: string) => string,
): Command[] =>
  (list ?? []).map(({ id, name }) => ({
    id: `open-${icon}-${id}`,
    title: name,
    also: icon,
    group: 'Open',
    icon,
    href: addressOf(id),
  }));
