import { createContext } from 'svelte';
import { findRoute } from './routes.ts';
import type { Route, ScreenEntry } from './routes.ts';

export interface Router {
  readonly route: Route<ScreenEntry>;
  go(href: string): void;
  stop(): void;
}

export const [getRouter, setRouter] = createContext<Router>();

/** Routes live in the fragment: the same on app:// and on http, and no server needs to know them. */
export const createRouter = (screens: readonly ScreenEntry[]): Router => {
  let hash = $state(window.location.hash);
  const route = $derived(findRoute(screens, hash));
  const follow = (): void => void (hash = window.location.hash);
  window.addEventListener('hashchange', follow);

  return {
    get route() {
      return route;
    },
    go: (href) => void (window.location.hash = href),
    stop: () => window.removeEventListener('hashchange', follow),
  };
};
