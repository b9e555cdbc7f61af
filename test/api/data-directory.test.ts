import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultDataDirectory } from '../../main/api/data-directory.ts';

test.each<[NodeJS.Platform, Record<string, string>, string]>([
  ['linux', {}, join('/home/a', '.local', 'share', 'nora-workbench')],
  ['linux', { XDG_DATA_HOME: '/data' }, join('/data', 'nora-workbench')],
  ['darwin', {}, join('/home/a', 'Library', 'Application Support', 'nora-workbench')],
  ['win32', { APPDATA: '/roaming' }, join('/roaming', 'nora-workbench')],
  ['win32', {}, join('/home/a', 'AppData', 'Roaming', 'nora-workbench')],
  ['linux', { NORA_DATA_DIR: '~/mine' }, '/home/a/mine'],
  ['linux', { NORA_DATA_DIR: '/mine', XDG_DATA_HOME: '/data' }, '/mine'],
])('%s with %j', (platform, environment, expected) => {
  expect(defaultDataDirectory(environment, platform, '/home/a')).toBe(expected);
});
