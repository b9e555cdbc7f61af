/** The names under which the window and the main process talk. Everything else on IPC is refused. */
export const channels = {
  call: 'nora:call',
  event: 'nora:event',
  chooseFile: 'nora:choose-file',
  chooseFolder: 'nora:choose-folder',
} as const;

/** What a native file dialog asks for. Extensions carry no dot. */
export interface FileChoice {
  title?: string;
  filters?: { name: string; extensions: string[] }[];
}
