import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../main/engine/random.ts';
import { formats, prepared } from './formats.ts';
import { faultOf } from './one-input.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'nora-fuzz-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What broke a reader once. A file's name begins with its format's. */
const corpus = join(import.meta.dirname, 'corpus');
const kept = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.endsWith('.input')) : [];

describe.each(Object.entries(formats))('%s', (name, format) => {
  test('what broke it once is refused or read', async () => {
    const folder = await prepared(format, join(root, `${name}-corpus`));
    for (const file of kept.filter((one) => one.replace(/-\d+-\d+\.input$/, '') === name))
      expect(await faultOf(format, readFileSync(join(corpus, file)), folder), file).toBeNull();
  });

  test('some inputs made to break it', async () => {
    const folder = await prepared(format, join(root, name));
    for (let at = 0; at < 60; at++)
      expect(
        await faultOf(format, format.make(createRandom(4, at), folder), folder),
        `input ${at}`,
      ).toBeNull();
  });
});
