import { describe, expect, it } from 'vitest';
import { objectiveNames } from '../../../main/engine/objective-names.ts';
import { checkPictures } from '../../../main/engine/train/settings/picture-checks.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';

const training = (settings: object) => trainingSettingsSchema.parse(settings);
const drawn = (diffusion: object) => training({ diffusion });

describe('settings of pictures that are drawn', () => {
  it('have what is usual where nothing is said', () => {
    expect(training({}).diffusion).toBeNull();
    expect(drawn({}).diffusion).toMatchObject({
      resolution: 512,
      buckets: null,
      crop: 'centre',
      prior: null,
    });
    expect(drawn({ prior: { prompt: 'a photo of a dog' } }).diffusion?.prior).toEqual({
      prompt: 'a photo of a dog',
      weight: 1,
      pictures: 0,
    });
  });

  it.each([
    [{ resolution: 500 }, 'resolution', 'multiple of 8'],
    [{ buckets: { step: 12 } }, 'buckets.step', 'multiple of 8'],
    [{ buckets: { smallest: 296 } }, 'buckets.smallest', '296 is no multiple of the step, 64'],
    [{ buckets: { smallest: 576 } }, 'buckets.smallest', '576 is more than resolution 512'],
    [{ buckets: { largest: 448 } }, 'buckets.largest', '448 is less than resolution 512'],
    [{ keepTags: 1 }, 'keepTags', 'set shuffleTags'],
    [{ timesteps: { from: 10, to: 10 } }, 'timesteps.to', 'leaves none from 10 on'],
    [{ heldOut: 'class' }, 'heldOut', 'prior is null'],
    [{ prompt: ' ' }, 'prompt', 'is empty'],
    [{ captionDropout: 2 }, 'captionDropout', ''],
  ])('%j is refused at its field', (diffusion, field, message) => {
    const result = trainingSettingsSchema.safeParse({ diffusion });
    const issue = result.error?.issues[0];
    expect(issue?.path.join('.')).toBe(`diffusion.${field}`);
    expect(issue?.message).toContain(message);
  });
});

describe('settings that mean nothing for a model', () => {
  it('are refused by name, whichever way round', () => {
    for (const objective of objectiveNames) {
      const check = (settings: object) => () => checkPictures(objective, training(settings));
      if (objective === 'noise') {
        check({ diffusion: {} })();
        expect(check({ pictures: {} })).toThrow('training.pictures: is of models that compare');
        expect(check({ labelSmoothing: 0.1 })).toThrow('training.labelSmoothing: ');
        expect(check({ neftuneAlpha: 5 })).toThrow('training.neftuneAlpha: ');
        expect(check({ lossOn: 'all' })).toThrow('training.lossOn: ');
        expect(check({ baseFormat: 'int8' })).toThrow('training.baseFormat: ');
        continue;
      }
      expect(check({ diffusion: {} })).toThrow('training.diffusion: ');
      check({})();
    }
  });
});
