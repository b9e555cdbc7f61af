import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { packageDouble, readBuilderConfiguration, readFuses } from './package-double.ts';

const configuration = readBuilderConfiguration();

interface Validation {
  validateConfiguration(configuration: unknown, debugLogger: { isEnabled: boolean }): Promise<void>;
}
const { validateConfiguration } = createRequire(import.meta.url)(
  'app-builder-lib/out/util/config/config.js',
) as Validation;

describe('electron-builder.yml', () => {
  test('is valid', async () => {
    await validateConfiguration(configuration, { isEnabled: false });
    await expect(
      validateConfiguration({ ...configuration, fuses: {} }, { isEnabled: false }),
    ).rejects.toThrow('fuses');
  });

  test('has the installers of the three systems', () => {
    const { linux, mac, win } = configuration;
    expect([linux?.target, mac?.target, win?.target]).toEqual([
      ['AppImage', 'deb'],
      ['dmg', 'zip'],
      ['nsis'],
    ]);
  });

  test('has an icon of 1024 x 1024', () => {
    const png = readFileSync(join(root, configuration.icon as string));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1024, 1024]);
  });

  test.each(['linux/x64', 'linux/arm64', 'darwin/arm64', 'win32/x64'])(
    'can be packaged for %s: its native files are there',
    (target) => {
      expect(
        globSync(`node_modules/onnxruntime-node/bin/napi-v6/${target}/*.node`, { cwd: root }),
      ).toHaveLength(1);
      expect(
        existsSync(join(root, `node_modules/better-sqlite3/prebuilds/${target.replace('/', '-')}.node`)),
      ).toBe(true);
    },
  );
});

// Packages for other systems are made on those systems; .github/workflows/ci.yml does.
for (const arch of ['x64', 'arm64'] as const)
  describeWith('linux', `packaged for Linux on ${arch}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'nora-package-'));
    let app = '';
    let packed: string[] = [];

    beforeAll(async () => {
      ({ app, packed } = await packageDouble(folder, arch));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const unpacked = (path: string): string => join(app, 'resources/app.asar.unpacked', path);
    const modules = (): Set<string> =>
      new Set(
        packed
          .map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
          .filter((name) => name !== undefined),
      );

    test('the app is what was built, and nothing of its sources or tests', () => {
      const own = packed.filter((path) => !path.startsWith('node_modules') && path.includes('.'));
      expect(own).toEqual([
        'out/main/index.js',
        'out/main/trainer.js',
        'out/preload/index.cjs',
        'out/renderer/index.html',
        'package.json',
      ]);
    });

    test('every run-time package is in it, no development package is', () => {
      const { dependencies, devDependencies } = JSON.parse(
        readFileSync(join(root, 'package.json'), 'utf8'),
      ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
      expect([...modules()]).toEqual(expect.arrayContaining(Object.keys(dependencies)));
      expect(Object.keys(devDependencies).filter((name) => modules().has(name))).toEqual([]);
    });

    test('native files are the target’s only, and lie outside the asar', () => {
      const native = packed.filter((path) => /\.(node|so(\.\d+)*|dylib|dll)$/.test(path));
      // npm brings sharp's native files for the machine that packages, which is of the target's kind.
      const sharp = [
        `node_modules/@img/sharp-libvips-linux-${arch}/lib/libvips-cpp.so.8.18.7`,
        `node_modules/@img/sharp-linux-${arch}/lib/sharp-linux-${arch}-0.35.5.node`,
      ];
      expect(native).toEqual([
        ...(arch === process.arch ? sharp : []),
        `node_modules/better-sqlite3/prebuilds/linux-${arch}.node`,
        `node_modules/onnxruntime-node/bin/napi-v6/linux/${arch}/libonnxruntime.so.1`,
        `node_modules/onnxruntime-node/bin/napi-v6/linux/${arch}/onnxruntime_binding.node`,
      ]);
      for (const path of native) expect(statSync(unpacked(path)).size, path).toBeGreaterThan(100_000);
    });

    test('the sample lies beside the asar', () => {
      for (const file of globSync('main/sample/{model,data}/*', { cwd: root })) {
        expect(existsSync(join(app, 'resources', file.replace(/^main\//, ''))), file).toBe(true);
      }
    });

    test('the fuses are set', () => {
      const wire = readFuses(join(app, 'nora-workbench'));
      const on = (fuse: FuseV1Options): boolean => wire[fuse] === '1';
      expect(on(FuseV1Options.RunAsNode)).toBe(false);
      expect(on(FuseV1Options.EnableCookieEncryption)).toBe(true);
      expect(on(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(false);
      expect(on(FuseV1Options.EnableNodeCliInspectArguments)).toBe(false);
      expect(on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation)).toBe(true);
      expect(on(FuseV1Options.OnlyLoadAppFromAsar)).toBe(true);
      expect(on(FuseV1Options.GrantFileProtocolExtraPrivileges)).toBe(false);
    });
  });
