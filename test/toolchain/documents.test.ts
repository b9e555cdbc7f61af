import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/paths.ts';

const pages = [
  'README.md',
  'native/README.md',
  'main/sample/README.md',
  'test/numeric/README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Where a page's links lead, without those to other sites. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !target.includes('://'));

/** Files and folders that a page names from the root, and files that it names from elsewhere; `<name>` stands for any. */
const pathsOf = (text: string): string[] =>
  [
    ...text.matchAll(/`((?:main|renderer|preload|native|test)\/[\w./<>-]+)`/g),
    ...text.matchAll(/`([\w-]+\/[\w./<>-]+\.ts)`/g),
  ].map(([, path]) => path!);

/** What paths are told from, where a page is about that part. */
const starts = ['', 'main', 'main/engine', 'main/engine/adapters', 'main/engine/models', 'test'];

const exists = (path: string, page: string): boolean => {
  const [fixed = ''] = path.split('<');
  const known = path === fixed ? path : dirname(`${fixed}x`);
  return [dirname(page), ...starts].some((start) => existsSync(join(root, start, known)));
};

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  test('links to pages and pictures that are there', () => {
    expect(linksOf(text).filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });

  test('names files that are there', () => {
    expect(pathsOf(text).filter((path) => !exists(path, page))).toEqual([]);
  });
});

test('the index has every page', () => {
  const index = linksOf(readFileSync(join(root, 'docs/README.md'), 'utf8'));
  const others = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(others.filter((page) => !index.includes(page.slice('docs/'.length)))).toEqual([]);
});
