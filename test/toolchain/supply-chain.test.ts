import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/paths.ts';
import { readBuilderConfiguration } from './package-double.ts';
import { readAudit } from './supply-chain/ask-audit.ts';
import { billOfMaterials } from './supply-chain/bill-of-materials.ts';
import { cratesIn, crateProblems, keyOf, readCrateLicences } from './supply-chain/check-crates.ts';
import { licenceProblems, readLicences } from './supply-chain/check-licences.ts';
import { lockfileProblems } from './supply-chain/check-lockfile.ts';
import { readProject, type LockedPackage, type Project } from './supply-chain/locked-packages.ts';
import { bundledPackages, shippedPackages } from './supply-chain/shipped-packages.ts';

const project = readProject(root);

/** The project with a package that is otherwise. */
const withPackage = (place: string, changed: Partial<LockedPackage>): Project => ({
  ...project,
  lock: {
    ...project.lock,
    packages: {
      ...project.lock.packages,
      [place]: {
        version: '1.0.0',
        license: 'MIT',
        integrity: 'sha512-x',
        ...project.lock.packages[place],
        ...changed,
      },
    },
  },
});

describe('the lockfile', () => {
  test('brings only what was looked at', () => {
    expect(lockfileProblems(project)).toEqual([]);
  });

  test.each([
    [
      'a registry of its own',
      { resolved: 'https://evil.example/ws.tgz' },
      'comes from https://evil.example/ws.tgz',
    ],
    ['a repository', { resolved: 'git+ssh://git@github.com/x/ws.git#1' }, 'comes from git+ssh'],
    ['a weak hash', { integrity: 'sha1-x' }, 'has no SHA-512'],
    ['a folder', { link: true }, 'is a link to a folder'],
    ['an install script', { hasInstallScript: true }, 'says nothing of ws, which has an install script'],
    ['another version', { version: '8.22.0' }, 'is 8.22.0, package.json has'],
  ])('with a package from %s is refused', (_, changed, message) => {
    expect(lockfileProblems(withPackage('node_modules/ws', changed))).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test('needs exact versions', () => {
    const { manifest } = project;
    const loose = {
      ...project,
      manifest: { ...manifest, dependencies: { ...manifest.dependencies, ws: '^8.0.0' } },
    };
    expect(lockfileProblems(loose)).toEqual(['package.json: ws: "^8.0.0" is no exact version']);
  });
});

describe('what is shipped', () => {
  test('may be handed on', () => {
    expect(licenceProblems(project)).toEqual([]);
  });

  test('may be under the LGPL where the library can be exchanged, and nowhere else', () => {
    const libvips = project.lock.packages['node_modules/@img/sharp-libvips-linux-x64'];
    expect(libvips?.license).toBe('LGPL-3.0-or-later');
    for (const license of ['LGPL-3.0-or-later', 'MIT AND LGPL-3.0-or-later'])
      expect(licenceProblems(withPackage('node_modules/ws', { license }))).toEqual([
        expect.stringContaining(`${license} is not among the licences that are shipped`),
      ]);
    expect(licenceProblems(withPackage('node_modules/ws', { license: 'MIT AND ISC' }))).toEqual([]);
    const { extraResources, asarUnpack } = readBuilderConfiguration();
    expect(extraResources).toContainEqual({ from: 'main/shell/licences', to: 'licences' });
    expect(asarUnpack).toContain('node_modules/@img/sharp-*/**');
    for (const [name, title] of [
      ['LGPL-3.0', 'GNU LESSER GENERAL PUBLIC LICENSE'],
      ['GPL-3.0', 'GNU GENERAL PUBLIC LICENSE'],
    ] as const)
      expect(readFileSync(join(root, 'main/shell/licences', `${name}.txt`), 'utf8')).toContain(title);
  });

  test.each([['GPL-3.0-only'], ['(GPL-2.0-only OR AGPL-3.0-only)'], ['UNLICENSED'], ['SEE LICENSE IN x']])(
    'may not be under %s',
    (license) => {
      expect(licenceProblems(withPackage('node_modules/ws', { license }))).toEqual([
        expect.stringContaining(`${license} is not among the licences that are shipped`),
      ]);
    },
  );

  test('may be under one of two; what a package of a package is under counts', () => {
    expect(licenceProblems(withPackage('node_modules/ws', { license: '(GPL-3.0-only OR MIT)' }))).toEqual([]);
    const deep = withPackage('node_modules/ws', { dependencies: { deep: '1.0.0' } });
    const inner = { version: '1.0.0', license: 'GPL-3.0-only', integrity: 'sha512-x' };
    const packages = { ...deep.lock.packages, 'node_modules/ws/node_modules/deep': inner };
    expect(licenceProblems({ ...deep, lock: { ...deep.lock, packages } })).toEqual([
      expect.stringContaining('deep 1.0.0: GPL-3.0-only'),
    ]);
  });

  test('licences that a person read are those of the files', () => {
    for (const [name, licence] of Object.entries(readLicences)) {
      const folder = join(root, 'node_modules', name.slice(0, name.lastIndexOf('@')));
      expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toContain(`${licence} License`);
    }
  });
});

test('holes are read as npm tells of them, and silence is told as silence', () => {
  const found = { vulnerabilities: { ws: { severity: 'high', range: '<8.0.0' } } };
  expect(readAudit(JSON.stringify(found))).toEqual({ known: [{ name: 'ws', told: '<8.0.0, high' }] });
  expect(readAudit('{"vulnerabilities":{}}')).toEqual({ known: [] });
  expect(readAudit('{"error":{"code":"ENOAUDIT"}}')).toHaveProperty('unanswered');
  expect(readAudit('')).toHaveProperty('unanswered');
});

const cargoLock = readFileSync(join(root, 'native/Cargo.lock'), 'utf8').replaceAll('\r\n', '\n');
const crateLicences = readCrateLicences();

describe("the addon's crates", () => {
  const [first] = cratesIn(cargoLock);
  const key = keyOf(first!);
  const unread = (): undefined => undefined;

  test('may be handed on, each by its own Cargo.toml where cargo has it', () => {
    expect(cratesIn(cargoLock).length).toBeGreaterThan(80);
    expect(crateProblems(cargoLock, crateLicences)).toEqual([]);
  });

  test('that come or go change the table', () => {
    const { [key]: _, ...others } = crateLicences;
    expect(crateProblems(cargoLock, others, () => 'MIT')).toContainEqual(
      expect.stringContaining('crate-licences.json has no licence of it; its Cargo.toml says MIT'),
    );
    expect(crateProblems(cargoLock, { ...crateLicences, 'gone@1.0.0': 'MIT' }, unread)).toEqual([
      'crate-licences.json: gone@1.0.0: is not in native/Cargo.lock any more',
    ]);
  });

  test.each(['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'none'])('may not be under %s', (license) => {
    expect(crateProblems(cargoLock, { ...crateLicences, [key]: license }, unread)).toEqual([
      expect.stringContaining(`${license} is not among the licences that are shipped`),
    ]);
  });

  test('are under what they say themselves', () => {
    const lying = crateProblems(cargoLock, crateLicences, (crate) =>
      keyOf(crate) === key ? 'GPL-3.0-only' : undefined,
    );
    expect(lying).toEqual([expect.stringContaining('its Cargo.toml says GPL-3.0-only')]);
  });
});

describe('the bill of materials', () => {
  const bill = billOfMaterials(project, cargoLock, crateLicences);

  test('names a licence of each', () => {
    expect(bill.components.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
    const rust = bill.components.find(({ name }) => name === 'unicode-ident');
    expect(rust?.licenses).toEqual([{ expression: '(MIT OR Apache-2.0) AND Unicode-3.0' }]);
  });

  test('has every package that is shipped, each once, with its hash', () => {
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([...Object.keys(project.manifest.dependencies), ...bundledPackages]),
    );
    expect(bill.components.length).toBeGreaterThan(shippedPackages(project).length);
    const references = bill.components.map((component) => component['bom-ref']);
    expect(new Set(references).size).toBe(references.length);
    for (const { name, purl, hashes } of bill.components) {
      expect(purl, name).toMatch(/^pkg:(npm\/(%40[\w.-]+\/)?|cargo\/)[\w.-]+@[\w.+-]+$/);
      expect(hashes[0]?.content, name).toMatch(/^([0-9a-f]{128}|[0-9a-f]{64})$/);
    }
  });

  test('lies in the packaged app', () => {
    expect(readBuilderConfiguration().extraResources).toContainEqual({
      from: 'out/sbom.cdx.json',
      to: 'sbom.cdx.json',
    });
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: { dist: string };
    };
    expect(scripts.dist).toContain('--sbom out/sbom.cdx.json');
  });
});
