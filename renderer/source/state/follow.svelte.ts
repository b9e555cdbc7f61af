import { onDestroy, untrack } from 'svelte';
import type { WorkbenchEvent } from '../../../main/api/contract.ts';
import { createPages } from './pages.svelte.ts';
import type { Page, Pages } from './pages.svelte.ts';
import { createResource } from './resource.svelte.ts';
import type { Answer, Resource } from './resource.svelte.ts';
import type { WorkbenchState } from './workbench.svelte.ts';

/** Loads at once, again whenever what `load` reads has changed, and when events may have been missed. */
const keepLoaded = (workbench: WorkbenchState, answer: Answer<unknown>): void => {
  $effect(() => {
    void workbench.reconnections;
    void answer.refresh();
  });
};

const listen = (workbench: WorkbenchState, hear: (event: WorkbenchEvent) => void): void =>
  onDestroy(workbench.transport.subscribe((event) => untrack(() => hear(event))));

/**
 * Something that a component shows for as long as it is there, kept up by events.
 * @param take what an event makes of it; undefined where it has to be asked for again
 */
export const follow = <T>(
  workbench: WorkbenchState,
  load: () => Promise<T>,
  take: (value: T, event: WorkbenchEvent) => T | undefined,
): Resource<T> => {
  const resource = createResource(load);
  keepLoaded(workbench, resource);
  listen(workbench, (event) => resource.update((value) => take(value, event)));
  return resource;
};

/** The same of a list that comes in pages. */
export const followPages = <T extends { id: string; createdAt: string }>(
  workbench: WorkbenchState,
  load: (cursor: string | undefined) => Promise<Page<T>>,
  take: (pages: Pages<T>, event: WorkbenchEvent) => void,
): Pages<T> => {
  const pages = createPages(load);
  keepLoaded(workbench, pages);
  listen(workbench, (event) => take(pages, event));
  return pages;
};
