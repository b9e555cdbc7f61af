import { homedir } from 'node:os';
import { join } from 'node:path';
import { expandHome } from '../services/shared/path-text.ts';

/** Where the library and all results are kept unless a person says otherwise: the same for the window and the command line. */
export const defaultDataDirectory = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string => {
  const asked = environment['NORA_DATA_DIR'];
  if (asked) return expandHome(asked, { isWindows: platform === 'win32', home }); // services are given it without a shell
  if (platform === 'win32')
    return join(environment['APPDATA'] || join(home, 'AppData', 'Roaming'), 'nora-workbench');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'nora-workbench');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'nora-workbench');
};
