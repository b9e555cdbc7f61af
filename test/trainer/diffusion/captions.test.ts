import { describe, expect, it } from 'vitest';
import {
  diffusionSettingsSchema,
  type DiffusionSettings,
} from '../../../main/engine/train/settings/diffusion-settings.ts';
import {
  captionInStep,
  captionNotices,
  captionOf,
  textsOf,
} from '../../../main/trainer/run/diffusion/captions.ts';
import { chancesOf } from '../../../main/trainer/run/diffusion/chances.ts';

const settingsOf = (given: object): DiffusionSettings => diffusionSettingsSchema.parse(given);
const picture = { name: 'dog.jpg', place: 'dogs', caption: null, prior: false };
const classPicture = { ...picture, prior: true };

const chancesIn = (settings: DiffusionSettings, epoch: number) =>
  chancesOf({ epoch, place: 0 }, { seed: 5, occurrences: 3, timesteps: 1000, settings });
const inSteps = (caption: string | null, settings: DiffusionSettings): string[] =>
  Array.from({ length: 40 }, (_, epoch) =>
    captionInStep({ ...picture, caption }, settings, chancesIn(settings, epoch)),
  );

describe('what a picture is said to show', () => {
  it('is its caption, or the prompt for all', () => {
    const settings = settingsOf({ prompt: 'a photo of sks dog', prior: { prompt: 'a photo of a dog' } });
    expect(captionOf(picture, settings)).toBe('a photo of sks dog');
    expect(captionOf({ ...picture, caption: 'it sleeps' }, settings)).toBe('it sleeps');
    expect(captionOf(classPicture, settings)).toBe('a photo of a dog');
    expect(captionOf({ ...classPicture, caption: 'a cat' }, settings)).toBe('a cat');
    expect(captionNotices([picture, { ...picture, caption: 'x' }, classPicture], settings)[0]).toMatch(
      /^1 of 2 pictures have captions/,
    );
  });

  it('is said by somebody', () => {
    expect(() => captionOf(picture, settingsOf({}))).toThrow(
      'dogs: "dog.jpg" has no caption; give one, or say in training.diffusion.prompt',
    );
  });

  it('names the subject by its word once', () => {
    const settings = settingsOf({ trigger: 'sks', prior: { prompt: 'a dog' } });
    const said = (caption: string): string => captionOf({ ...picture, caption }, settings);
    expect(said('[trigger] on a beach, [trigger]')).toBe('sks on a beach, sks');
    expect(said('on a beach')).toBe('sks on a beach');
    expect(said('the sks dog')).toBe('the sks dog');
    expect(captionOf(classPicture, settings)).toBe('a dog');
  });
});

describe('in a step', () => {
  it('tags come in another order, but for those that are kept', () => {
    const seen = inSteps('sks dog, beach, sun , ,sand', settingsOf({ shuffleTags: true, keepTags: 1 }));
    expect(new Set(seen).size).toBe(6);
    for (const one of seen) {
      expect(one.startsWith('sks dog, ')).toBe(true);
      expect(one.split(', ').toSorted()).toEqual(['beach', 'sand', 'sks dog', 'sun']);
    }
  });

  it('a caption is left out as often as was asked', () => {
    const seen = inSteps('a dog', settingsOf({ captionDropout: 0.25 }));
    const dropped = seen.filter((one) => one === '').length;
    expect(dropped).toBeGreaterThan(3);
    expect(dropped).toBeLessThan(20);
    expect(inSteps('a dog', settingsOf({}))).not.toContain('');
  });

  it('there are the texts that were foreseen', () => {
    const settings = settingsOf({ prompt: 'a dog', captionDropout: 0.5, prior: { prompt: 'dogs' } });
    expect(textsOf([picture, picture, classPicture], settings)).toEqual(['a dog', 'dogs', '']);
    expect(textsOf([picture], settingsOf({ prompt: 'a, b', shuffleTags: true }))).toBeNull();
  });
});

describe('what is left to chance', () => {
  const chances = (given: object, seeing = { epoch: 2, place: 1 }) =>
    chancesOf(seeing, { seed: 5, occurrences: 3, timesteps: 1000, settings: settingsOf(given) });

  it('is the same whenever it is asked, and no setting changes what another draws', () => {
    const [plain, other] = [chances({}), chances({ captionDropout: 0.5, noiseOffset: 0.1 })];
    expect(plain.timestep()).toBe(other.timestep());
    expect(plain.timestep()).toBe(plain.timestep());
    expect(plain.posterior(9)).toEqual(other.posterior(9));
    expect(plain.noise(2, 4)).not.toEqual(other.noise(2, 4));
    expect(plain.noise(2, 4)).not.toEqual(chances({}, { epoch: 3, place: 1 }).noise(2, 4));
    const offset = other.noise(2, 4).map((value, at) => value - plain.noise(2, 4)[at]!);
    expect(new Set([...offset.subarray(0, 4)].map((value) => value.toFixed(5))).size).toBe(1);
  });

  it('are timesteps of the range, all alike', () => {
    const drawn = Array.from({ length: 4000 }, (_, epoch) =>
      chances({ timesteps: { from: 10, to: 14 } }, { epoch, place: 0 }).timestep(),
    );
    expect([...new Set(drawn)].toSorted()).toEqual([10, 11, 12, 13]);
    for (const timestep of [10, 11, 12, 13])
      expect(Math.abs(drawn.filter((one) => one === timestep).length - 1000)).toBeLessThan(120);
  });
});
