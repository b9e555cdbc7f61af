import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/paths.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinyDino } from '../support/tiny-dino.ts';
import { createCommandLine } from './nora.ts';

const cli = createCommandLine();
afterAll(() => cli.remove());
const drawn = (name: string): string => join(root, 'test/trainer/fixtures/fidelity', name);

describe('with a CLIP and a DINO', () => {
  beforeAll(async () => {
    await cli.nora('model', 'import', writeTinyClip(join(cli.directory, 'clip')));
    await cli.nora('model', 'import', writeTinyDino(join(cli.directory, 'dino'), 'vit'));
  });
  const asked = [
    ...['fidelity', `NoRA=${drawn('first')}`, `LoRA=${drawn('second')}`],
    ...['--subject', drawn('real'), '--leave-out', 'sks'],
  ];

  test('measures two folders of drawn pictures, in a table and as a document', async () => {
    const { stdout, code } = await cli.nora(...asked, '--model', 'clip', 'dino');
    expect(code).toBe(0);
    expect(stdout).toMatch(/arm +pictures +DINO +CLIP-I +CLIP-T +diversity \(clip\) +diversity \(dino\)/);
    expect(stdout).toMatch(/NoRA +4 +0\.996\d +0\.983\d/);
    expect(stdout).toContain('With 4 items, sign flips of items can’t go below p = 0.13');
    const { document } = await cli.noraJson(...asked, '--model', 'dino');
    expect(document).toMatchObject({
      realPictures: 3,
      items: [{ seed: 0 }, { seed: 1 }, { seed: 0 }, { seed: 1 }],
      measures: [{ label: 'DINO', modelName: 'dino' }],
    });
  });

  test('a DINO is not trained', async () => {
    const file = join(cli.directory, 'own.yaml');
    writeFileSync(
      file,
      'version: 1\nname: own\nmodel: dino\ndataset: sample\nconfigurations:\n  - { name: LoRA, adapter: { method: lora, rank: 2, alpha: 4 } }\n',
    );
    const { stderr, code } = await cli.nora('experiment', 'create', file);
    expect(code).not.toBe(0);
    expect(stderr).toContain('it measures pictures that were drawn, and nothing trains it');
  });

  test.each([
    [['fidelity', drawn('first'), '--model', 'dino'], '--subject: name the folder'],
    [['fidelity', drawn('first'), '--subject', drawn('real')], '--model: name who measures'],
    [[...asked, '--model', 'sample'], 'a llama model sees no pictures'],
    [['fidelity', drawn('nowhere'), '--subject', drawn('real'), '--model', 'dino'], 'nowhere'],
  ])('says what is wrong: %j', async (words, message) => {
    const { stderr, code } = await cli.nora(...words);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
