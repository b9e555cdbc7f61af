/** The names under which the window and the main process talk. Everything else on IPC is refused. */
export const channels = {
  call: 'nora:call',
  event: 'nora:event',
  chooseFile: 'nora:choose-file',
  chooseFolder: 'nora:choose-folder',
  /** What the window can always do, for the menu bar. */
  offerCommands: 'nora:offer-commands',
  /** To the window: do one of these, by its id. */
  perform: 'nora:perform',
  /** To the window: show an experiment's page. */
  open: 'nora:open',
} as const;

/** One thing that the window can always do, as a menu shows it. */
export interface MenuCommand {
  id: string;
  title: string;
  group: string;
  /** A chord as `Mod+K`; absent where it has none. */
  keys?: string;
}

/** What the menu bar and notifications ask of a window. */
export type ShellRequest = { perform: string } | { openExperiment: string };

/** What a native file dialog asks for. Extensions carry no dot. */
export interface FileChoice {
  title?: string;
  filters?: { name: string; extensions: string[] }[];
}
