import { href } from '../state/routes.ts';
import type { WorkbenchState } from '../state/workbench.svelte.ts';
import type { Command } from './command.ts';

/** A command for each thing that has a page, to be found by its name. */
export const entityCommands = (workbench: WorkbenchState): Command[] => [
  ...opening('experiment', workbench.experiments.value, href.experiment),
  ...opening('comparison', workbench.comparisons.value, href.comparison),
  ...opening('model', workbench.models.value, href.model),
  ...opening('data', workbench.datasets.value, href.dataset),
];

const opening = (
  icon: 'experiment' | 'comparison' | 'model' | 'data',
  list: readonly { id: string; name: string }[] | undefined,
  addressOf: (id: string) => string,
): Command[] =>
  (list ?? []).map(({ id, name }) => ({
    id: `open ${icon} ${id}`,
    title: name,
    also: icon,
    group: 'Open',
    icon,
    href: addressOf(id),
  }));
