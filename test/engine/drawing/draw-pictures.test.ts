import { describe, expect, test, vi } from 'vitest';
import { drawLatents, drawPictures, type DrawOptions } from '../../../main/engine/drawing/draw-pictures.ts';
import { letters, settingsOf, standIn } from './stand-in.ts';

const options = (model: DrawOptions['model'], changes: Partial<DrawOptions> = {}): DrawOptions => ({
  model,
  tokenizers: [letters()],
  arms: 1,
  wanted: [{ prompt: 'cat', seed: 7 }],
  settings: settingsOf(),
  onProgress: () => undefined,
  signal: new AbortController().signal,
  ...changes,
});

describe('noise', () => {
  test('of a seed is the same for every arm, prompt, sampler and number of pictures', async () => {
    const start = async (changes: Partial<DrawOptions>) => {
      const { model, asked } = standIn();
      await drawLatents(options(model, changes));
      return asked
        .filter(({ part }) => part === 'denoiser')
        .map(({ feeds }) => feeds['latents']!.data.slice(0, 8));
    };
    const steps = 4;
    const [first] = await start({});
    const several = await start({
      arms: 2,
      wanted: [
        { prompt: 'a', seed: 1 },
        { prompt: 'dog', seed: 7 },
      ],
      settings: settingsOf({ guidance: 1, sampler: 'dpm-solver++' }),
    });
    expect(several).toHaveLength(2 * 2 * steps);
    expect(several[steps]).toStrictEqual(first);
    expect(several[3 * steps]).toStrictEqual(first);
    expect(several[0]).not.toStrictEqual(first);
  });

  test('that a sampler adds is the same for every arm', async () => {
    const { model } = standIn();
    const settings = settingsOf({ sampler: 'euler-ancestral', guidance: 1 });
    const { latents } = await drawLatents(options(model, { arms: 3, settings }));
    const again = await drawLatents(options(standIn().model, { settings }));
    expect(latents[0]).toStrictEqual(again.latents[0]);
    expect(latents[0]).not.toStrictEqual(latents[1]);
  });
});

test('what is asked once more than there are steps is counted, so that all of it comes to all', async () => {
  const { model, asked } = standIn();
  const told: (readonly [number, number])[] = [];
  const settings = settingsOf({ sampler: 'pndm', steps: 4, guidance: 1 });
  await drawPictures(options(model, { settings, onProgress: (done, total) => told.push([done, total]) }));
  expect(asked.filter(({ part }) => part === 'denoiser')).toHaveLength(5);
  expect(told.at(-1)).toEqual([6, 6]);
});

describe('guidance', () => {
  test('asks without the prompt, too, and goes beyond', async () => {
    const { model, asked } = standIn();
    await drawLatents(options(model, { settings: settingsOf({ negative: 'z', steps: 1 }) }));
    const { feeds } = asked.at(-1)!;
    expect(feeds['latents']!.shape).toStrictEqual([2, 4, 1, 2]);
    expect(feeds['text_states']!.shape).toStrictEqual([2, 6, 2]);
    const states = [...feeds['text_states']!.data].filter((_, at) => at % 2 === 0);
    expect(states).toStrictEqual([100, 26, 101, 0, 0, 0, 100, 3, 1, 20, 101, 0]);
  });

  test.each([0, 1])('of %d asks once', async (guidance) => {
    const { model, asked } = standIn();
    await drawLatents(options(model, { settings: settingsOf({ guidance, negative: 'z' }) }));
    expect(asked.at(-1)!.feeds['latents']!.shape).toStrictEqual([1, 4, 1, 2]);
    expect(asked.filter(({ part }) => part === 0)).toHaveLength(2); // the prompt, and what fills up
  });

  test('without a negative prompt sees an empty one, or zeros where the model was trained so', async () => {
    const negativeOf = async (zerosWithoutText: boolean, negative: string | null) => {
      const { model, asked } = standIn({ zerosWithoutText, added: (pooled) => pooled.map((x) => x / 1000) });
      await drawLatents(options(model, { settings: settingsOf({ negative }) }));
      const { text_states: states, added } = asked.at(-1)!.feeds;
      return [states!.data[0], Math.round(1000 * Number(added!.data[0]))];
    };
    expect(await negativeOf(false, null)).toStrictEqual([100, 101]);
    expect(await negativeOf(true, null)).toStrictEqual([0, 0]);
    expect(await negativeOf(true, '')).toStrictEqual([100, 101]);
  });
});

test('long prompts in pieces are joined as kohya has them, and what is shorter is filled up', async () => {
  const { model, asked } = standIn();
  const settings = settingsOf({ longPrompts: 'chunks', negative: 'z' });
  const { notices } = await drawLatents(
    options(model, { wanted: [{ prompt: 'abcdefg', seed: 1 }], settings }),
  );
  const states = asked.at(-1)!.feeds['text_states']!;
  expect(states.shape).toStrictEqual([2, 10, 2]);
  const ids = [...states.data].filter((_, at) => at % 2 === 0);
  expect(ids).toStrictEqual([100, 26, 101, 0, 0, 101, 0, 0, 0, 0, 100, 1, 2, 3, 4, 5, 6, 7, 101, 0]);
  expect(notices).toStrictEqual([]);
  const cut = await drawLatents(options(standIn().model, { wanted: [{ prompt: 'abcdefg', seed: 1 }] }));
  expect(cut.notices).toStrictEqual([
    'a prompt has 7 tokens, and its encoder takes 4: it was cut behind "abcd"',
  ]);
});

test('one part is in memory at a time, and arms with the same text encoder share what it gives', async () => {
  const { model, opened } = standIn();
  const progress = vi.fn();
  const { pictures } = await drawPictures(options(model, { arms: 3, onProgress: progress }));
  const parts = ['0 0', '2 0', '0 denoiser', '1 denoiser', '2 denoiser', '0 decoder'];
  expect(opened).toStrictEqual(parts.flatMap((part) => [part, `- ${part}`]));
  expect(progress.mock.calls.map(([done]) => done as number)).toStrictEqual(
    Array.from({ length: 15 }, (_, at) => at + 1),
  );
  expect(progress.mock.calls.at(-1)).toStrictEqual([15, 15]);
  expect(pictures.flat().map(({ width, height, rgb }) => [width, height, rgb.length])).toStrictEqual(
    Array(3).fill([16, 8, 384]),
  );
});

describe('what goes wrong', () => {
  test('numbers that are not finite stop with the step and the layer, and release what is open', async () => {
    const { model, opened } = standIn({ gives: (_, timestep) => (timestep < 400 ? NaN : 0) });
    await expect(drawPictures(options(model))).rejects.toThrow(
      "step 3 of 4 (timestep 251) gives numbers that are not finite: the first is unet.mid_block.denoiser's output",
    );
    expect(opened.at(-1)).toBe('- 0 denoiser');
  });

  test('so do texts and decoding, each with its own layer', async () => {
    const wanted = [{ prompt: 'nan', seed: 1 }];
    const texts = standIn({ breaks: 0 });
    await expect(drawPictures(options(texts.model, { wanted }))).rejects.toThrow(
      "a text encoder gives numbers that are not finite: the first is unet.mid_block.0's output",
    );
    expect(texts.opened.at(-1)).toBe('- 0 0');
    await expect(drawPictures(options(standIn({ breaks: 'decoder' }).model))).rejects.toThrow(
      'decoding latents gives numbers that are not finite',
    );
  });

  test('latents that grow beyond all bounds are told apart', async () => {
    const { model } = standIn({ gives: () => 3e38 });
    await expect(drawPictures(options(model))).rejects.toThrow('the latents grew beyond all bounds');
  });

  test.each([
    [{ width: 20 }, 'width: this model draws multiples of 8 pixels; 20 is none: take 16 or 24'],
    [{ height: 12 }, 'height: this model draws multiples of 8 pixels; 12 is none: take 8 or 16'],
    [{ steps: 1000 }, 'steps: expected a whole number from 1 to 999, not 1000'],
    [{ karras: true }, "Karras steps: DDIM doesn't have them"],
  ])('%j is refused before anything is computed', async (changes, message) => {
    const { model, opened } = standIn();
    await expect(drawPictures(options(model, { settings: settingsOf(changes) }))).rejects.toThrow(message);
    expect(opened).toEqual([]);
  });

  test('it is stopped between steps', async () => {
    const stop = new AbortController();
    const { model, asked } = standIn();
    const drawn = drawPictures(
      options(model, { signal: stop.signal, onProgress: (done) => done === 2 && stop.abort() }),
    );
    await expect(drawn).rejects.toThrow('stopped before it was drawn');
    expect(asked.filter(({ part }) => part === 'denoiser')).toHaveLength(2);
  });
});
