/** How long after a page has opened its content may still come, milliseconds. */
const patience = 3000;

const keyOf = (state: unknown): string | undefined =>
  typeof state === 'object' && state !== null && 'place' in state ? String(state.place) : undefined;

/**
 * Keeps for each entry of the history how far `scroller` was scrolled there. A new page begins at its top; Back and Forward go where the page was
 * left, once its content is long enough, unless the person scrolls first.
 * @returns what ends it
 */
export const keepScrollPlaces = (scroller: HTMLElement): (() => void) => {
  const places = new Map<string, number>();
  let wanted: { top: number; until: number } | undefined;
  let next = Date.now();

  const current = (): string => {
    const known = keyOf(window.history.state);
    if (known !== undefined) return known;
    const key = `${next++}`;
    window.history.replaceState({ place: key }, '');
    return key;
  };
  let shown = current();

  const reach = (): void => {
    if (wanted === undefined) return;
    scroller.scrollTop = wanted.top;
    // Rounded by the browser on some screens.
    if (Math.abs(scroller.scrollTop - wanted.top) < 2 || performance.now() > wanted.until) wanted = undefined;
  };
  const grown = new MutationObserver(() => requestAnimationFrame(reach));
  grown.observe(scroller, { childList: true, subtree: true });

  const follow = (): void => {
    const key = current();
    if (key === shown) return;
    shown = key;
    wanted = { top: places.get(key) ?? 0, until: performance.now() + patience };
    requestAnimationFrame(reach);
  };
  const note = (): void => {
    if (wanted === undefined && keyOf(window.history.state) === shown) places.set(shown, scroller.scrollTop);
  };
  const giveUp = (): void => void (wanted = undefined);

  const own = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;
  window.addEventListener('hashchange', follow);
  scroller.addEventListener('scroll', note, { passive: true });
  for (const name of own) scroller.addEventListener(name, giveUp, { passive: true });

  return () => {
    grown.disconnect();
    window.removeEventListener('hashchange', follow);
    scroller.removeEventListener('scroll', note);
    for (const name of own) scroller.removeEventListener(name, giveUp);
  };
};
