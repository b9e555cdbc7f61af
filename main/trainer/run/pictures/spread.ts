/** So many at most, from all over: sets stand in the order of their classes. */
export const spread = <Entry>(entries: readonly Entry[], most: number): readonly Entry[] =>
  entries.length <= most
    ? entries
    : Array.from({ length: most }, (_, at) => entries[Math.floor((at * entries.length) / most)]!);
