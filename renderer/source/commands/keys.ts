const isMac = /Mac/.test(navigator.platform);

/** A press as it stands in `Command.keys`: `g`, `?`, `Mod+K`, `Mod+Enter`. */
export const pressOf = (event: KeyboardEvent): string => {
  const isMod = isMac ? event.metaKey : event.ctrlKey;
  const key = event.key.length === 1 && isMod ? event.key.toUpperCase() : event.key;
  return isMod ? `Mod+${key}` : key;
};

/** Whether a modifier is held that no press knows of: then the keys belong to somebody else. */
export const isForeign = (event: KeyboardEvent): boolean =>
  event.altKey || (isMac ? event.ctrlKey : event.metaKey);

/** The keys of a press, as they are printed on this machine's keyboard. */
export const keyCaps = (press: string): string[] =>
  press.split('+').map((key) => (key === 'Mod' ? (isMac ? '⌘' : 'Ctrl') : key));
