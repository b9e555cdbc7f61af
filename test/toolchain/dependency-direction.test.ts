import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/paths.ts';

/** A little house under the project's own rules, in which walls can be broken without breaking the real ones. */
const house = mkdtempSync(join(tmpdir(), 'nora-layers-'));
afterAll(() => rmSync(house, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
};

interface Violation {
  from: string;
  rule: { name: string };
}

const cruiser = join(root, 'node_modules/dependency-cruiser/package.json');

/** Each broken rule with the file that breaks it, as `rule: file`. */
const breaches = (): string[] => {
  const script = join(dirname(cruiser), 'bin/dependency-cruiser.mjs');
  const parameters = [
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    'main',
    'renderer',
    'preload',
  ];
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...parameters], {
    cwd: house,
    encoding: 'utf8',
  });
  if (!stdout.startsWith('{')) throw new Error(stdout + stderr);
  const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[] } };
  return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
};

const sound = {
  'main/engine/graph/a.ts': 'export const a = 1;\n',
  'main/engine/runtime/session.ts':
    "import * as runtime from 'onnxruntime-node';\nexport const session = runtime;\n",
  'main/store/runs.ts': "import Database from 'better-sqlite3';\nexport const runs = Database;\n",
  'main/services/runs.ts': "import { runs } from '../store/runs.ts';\nexport const list = runs;\n",
  'main/api/contract.ts': "import { z } from 'zod';\nexport const methods = { list: z.string() };\n",
  'main/api/router.ts': "import { list } from '../services/runs.ts';\nexport const router = list;\n",
  'main/cli/a.ts': 'export const a = 1;\n',
  'main/cli/c.ts': 'export type C = 1;\n',
  'main/cli/b.ts': "export * from './a.ts';\n",
  'main/cli/d.ts': "import type { C } from './c.ts';\nexport interface D { c: C }\n",
  'main/shell/index.ts':
    "import { app } from 'electron';\nimport { router } from '../api/router.ts';\nexport const x = [app, router];\n",
  'preload/index.ts':
    "import { contextBridge } from 'electron';\nimport { methods } from '../main/api/contract.ts';\nexport const x = [contextBridge, methods];\n",
  'renderer/source/main.ts':
    "import { methods } from '../../main/api/contract.ts';\nexport const x = methods;\n",
};

const unsound: [rule: string, path: string, text: string][] = [
  [
    'engine-looks-down-only',
    'main/engine/graph/b.ts',
    "import type { list } from '../../services/runs.ts';\nexport type A = typeof list;\n",
  ],
  ['graph-imports-rooms-below', 'main/engine/graph/c.ts', "export * from '../runtime/session.ts';\n"],
  [
    'data-imports-rooms-below',
    'main/engine/data/b.ts',
    "import type { session } from '../runtime/session.ts';\nexport type A = typeof session;\n",
  ],
  ['engine-rooms-are-known', 'main/engine/attic/b.ts', "export * from '../graph/a.ts';\n"],
  ['beside-the-rooms-is-below-them', 'main/engine/errors.ts', "export * from './graph/a.ts';\n"],
  ['store-looks-down-only', 'main/store/b.ts', "export * from '../services/runs.ts';\n"],
  ['locks-looks-down-only', 'main/locks/b.ts', "export * from '../store/runs.ts';\n"],
  ['trainer-looks-down-only', 'main/trainer/b.ts', "export * from '../store/runs.ts';\n"],
  ['services-looks-down-only', 'main/services/b.ts', "export * from '../api/router.ts';\n"],
  ['api-looks-down-only', 'main/api/b.ts', "export * from '../shell/index.ts';\n"],
  ['window-knows-the-contract-only', 'renderer/source/b.ts', "export * from '../../main/api/router.ts';\n"],
  ['window-knows-the-contract-only', 'preload/b.ts', "export * from '../main/engine/graph/a.ts';\n"],
  ['contract-is-pure', 'main/api/contract-b.ts', "export * from 'node:fs';\n"],
  [
    'electron-in-shell-and-preload',
    'main/api/c.ts',
    "import { app } from 'electron';\nexport const x = app;\n",
  ],
  [
    'sqlite-in-store',
    'main/services/c.ts',
    "import Database from 'better-sqlite3';\nexport const x = Database;\n",
  ],
  ['onnxruntime-in-runtime', 'main/engine/train/b.ts', "export * from 'onnxruntime-node';\n"],
  ['no-cycles', 'main/cli/a.ts', "export * from './b.ts';\n"],
  ['no-cycles', 'main/cli/c.ts', "import type { D } from './d.ts';\nexport interface C { d: D }\n"],
  ['no-development-packages', 'main/services/d.ts', "export * from 'playwright-core';\n"],
  ['resolvable', 'main/services/e.ts', "export * from './absent.ts';\n"],
];

describe('the dependency rules', () => {
  let inSound: string[] = [];
  let inUnsound: string[] = [];

  beforeAll(() => {
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      copyFileSync(join(root, file), join(house, file));
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'), 'junction');
    for (const [path, text] of Object.entries(sound)) write(path, text);
    inSound = breaches();
    for (const [, path, text] of unsound) write(path, text);
    inUnsound = breaches();
  });

  test('let a sound house stand', () => {
    expect(inSound).toEqual([]);
  });

  test.each(unsound)('%s catches %s', (rule, path) => {
    expect(inUnsound).toContain(`${rule}: ${path}`);
  });
});
