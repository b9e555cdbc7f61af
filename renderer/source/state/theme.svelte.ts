export type ThemeChoice = 'system' | 'light' | 'dark';

const key = 'nora-theme';
const choices: readonly ThemeChoice[] = ['system', 'light', 'dark'];

const read = (): ThemeChoice => choices.find((choice) => choice === localStorage.getItem(key)) ?? 'system';

const darkSystem = window.matchMedia('(prefers-color-scheme: dark)');
let choice = $state(read());
let systemIsDark = $state(darkSystem.matches);
darkSystem.addEventListener('change', ({ matches }) => void (systemIsDark = matches));

const show = (): void => {
  if (choice === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
};
show();

/** Light or dark: the system's until the person says otherwise; what they say is kept. */
export const theme = {
  get choice() {
    return choice;
  },
  /** What is on screen now. */
  get shown(): 'light' | 'dark' {
    if (choice !== 'system') return choice;
    return systemIsDark ? 'dark' : 'light';
  },
  choose(next: ThemeChoice) {
    choice = next;
    localStorage.setItem(key, next);
    show();
  },
};
