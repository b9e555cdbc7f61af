import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';

let cli: CommandLine;
beforeAll(async () => {
  cli = createCommandLine();
  const sizes = {
    '10_sks dog/a.png': [768, 512],
    '10_sks dog/b.png': [300, 300],
    'reg/c.png': [512, 512],
  } as const;
  for (const [name, [width, height]] of Object.entries(sizes)) {
    const path = join(cli.directory, 'dogs', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      await sharp({ create: { width, height, channels: 3, background: name.includes('a') ? 'red' : '#00f' } })
        .png()
        .toBuffer(),
    );
  }
});
afterAll(() => cli.remove());

test('pictures of a subject are inspected, imported and shown, and their buckets told', async () => {
  const found = await cli.nora('dataset', 'inspect', 'dogs');
  expect(found.stdout).toMatch(
    /^looks like +pictures of a subject, captions in the names of their folders$/m,
  );
  expect(found.stdout).toMatch(/^of the subject +2 pictures, 2 with a caption, 20 in an epoch$/m);
  const imported = await cli.nora(
    'dataset',
    'import',
    'dogs',
    '--captions',
    'none',
    '--orientation',
    'as-stored',
  );
  expect(imported.code, imported.stderr).toBe(0);
  const shown = await cli.nora('dataset', 'show', 'dogs');
  for (const line of [
    /^of the subject +2 pictures, 0 with a caption, 20 in an epoch$/m,
    /^class pictures +1$/m,
    /^smallest +300 x 300 \(10_sks dog\/b\.png\)$/m,
    /^largest +768 x 512 \(10_sks dog\/a\.png\)$/m,
  ])
    expect(shown.stdout).toMatch(line);
  const buckets = await cli.nora('dataset', 'buckets', 'dogs');
  expect(buckets.stdout).toMatch(/^640 x 384 +1 +10$/m);
  expect(buckets.stdout).toMatch(/^512 x 512 +2 +11$/m);
  const size = await cli.nora('dataset', 'buckets', 'dogs', '--squares', '--resolution', '256x384');
  expect(size.stdout).toMatch(/^256 x 384 +3 +21$/m);
  expect(buckets.stdout).toContain('enlarged, and so less sharp: 10_sks dog/b.png (300 x 300) 1.7 times');
  const { stdout } = await cli.nora(
    'dataset',
    'buckets',
    'dogs',
    '--squares',
    '--resolution',
    '256',
    '--json',
  );
  expect(JSON.parse(stdout)).toMatchObject({ buckets: [{ width: 256, height: 256, pictures: 3 }] });
});

test.each([
  [
    ['--captions', 'here'],
    '--captions: expected "txt", "caption", "file-names", "folder-names" or "none", not "here"',
  ],
  [['--missing-captions', 'drop'], '--missing-captions: expected "refuse" or "instance-prompt", not "drop"'],
  [['--repeats', '3'], 'say how often their pictures are repeated: leave it out'],
  [['--captions', 'txt'], 'has a file of its name that ends in .txt'],
  [['--class-pictures', '../x'], 'has no folder "../x": name one within it, as in reg'],
])('%j is refused by name', async (flags, message) => {
  const { code, stderr } = await cli.nora('dataset', 'import', 'dogs', ...flags);
  expect(code).not.toBe(0);
  expect(stderr).toContain(message);
});
