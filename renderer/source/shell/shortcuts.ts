import { screens } from '../screens.ts';

export interface Shortcut {
  /** Pressed one after the other. */
  keys: string[];
  title: string;
  href?: string;
}

const toScreens = screens.flatMap(({ shortcut: keys, path, title }): Shortcut[] => {
  if (keys === undefined) return [];
  return [{ keys, title: keys.length > 1 ? `Go to ${title.toLowerCase()}` : title, href: `#/${path}` }];
});

/** `href` goes there; those without are handled where they belong and listed here for the help. */
export const shortcuts: Shortcut[] = [
  ...toScreens.sort((a, b) => a.keys.length - b.keys.length),
  { keys: ['Ctrl', 'Enter'], title: 'Create and start, in the new experiment form' },
  { keys: ['?'], title: 'Show these shortcuts' },
];

const patience = 1500;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="listbox"]') !== null;

/** Follows keys, calls `go` when they spell a shortcut. Returns the listener for `keydown`. */
export const createShortcutListener = (
  go: (href: string) => void,
  showHelp: () => void,
): ((event: KeyboardEvent) => void) => {
  let pressed: string[] = [];
  let last = 0;

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === '?') return showHelp();
    pressed = event.timeStamp - last > patience ? [event.key] : [...pressed, event.key].slice(-2);
    last = event.timeStamp;
    const spelt = (length: number): Shortcut | undefined =>
      shortcuts.find(
        ({ keys, href: target }) =>
          target !== undefined &&
          keys.join(' ') === pressed.slice(-length).join(' ') &&
          keys.length === length,
      );
    const target = (spelt(2) ?? spelt(1))?.href;
    if (target === undefined) return;
    pressed = [];
    event.preventDefault();
    go(target);
  };
};
