import { describe, expect, it } from 'vitest';
import { objectiveNames } from '../../../main/engine/objective-names.ts';
import {
  checkDrawnSides,
  drawnSideConflicts,
} from '../../../main/engine/train/settings/drawn-side-checks.ts';
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
      longCaptions: 'cut',
    });
    expect(drawn({ prior: { prompt: 'a photo of a dog' } }).diffusion?.prior).toEqual({
      prompt: 'a photo of a dog',
      weight: 1,
      pictures: 0,
      draw: null,
    });
  });

  it.each([
    [{ resolution: 500 }, 'resolution', 'multiple of 8'],
    [{ buckets: { step: 12 } }, 'buckets.step', 'multiple of 8'],
    [{ buckets: { smallest: 296 } }, 'buckets.smallest', '296 is no multiple of the step, 64'],
    [{ buckets: { smallest: 576 } }, 'buckets.smallest', '576 is more than resolution 512'],
    [{ buckets: { largest: 448 } }, 'buckets.largest', '448 is less than resolution 512'],
    [{ resolution: { width: 512, height: 500 } }, 'resolution.height', 'multiple of 8'],
    [{ resolution: { width: 512, height: 768 }, buckets: {} }, 'resolution', 'set buckets to null'],
    [{ keepTags: 1 }, 'keepTags', 'set shuffleTags'],
    [{ timesteps: { from: 10, to: 10 } }, 'timesteps.to', 'leaves none from 10 on'],
    [{ heldOut: 'class' }, 'heldOut', 'prior is null'],
    [{ prompt: ' ' }, 'prompt', 'is empty'],
    [{ longCaptions: 'both' }, 'longCaptions', 'chunks'],
    [{ captionDropout: 2 }, 'captionDropout', ''],
  ])('%j is refused at its field', (diffusion, field, message) => {
    const result = trainingSettingsSchema.safeParse({ diffusion });
    const issue = result.error?.issues[0];
    expect(issue?.path.join('.')).toBe(`diffusion.${field}`);
    expect(issue?.message).toContain(message);
  });
});

describe('sides that a model that halves them three times can have', () => {
  const conflictsOf = (diffusion: object) => drawnSideConflicts(drawn(diffusion).diffusion!, 64);

  it('are multiples of 64', () => {
    expect(conflictsOf({})).toEqual([]);
    expect(conflictsOf({ resolution: { width: 512, height: 768 } })).toEqual([]);
    expect(conflictsOf({ buckets: {}, samples: { prompts: ['a'], width: 640, height: null } })).toEqual([]);
  });

  it.each([
    [{ resolution: 520 }, 'resolution'],
    [{ resolution: { width: 512, height: 520 } }, 'resolution.height'],
    [{ buckets: { step: 8 } }, 'buckets.step'],
    [{ samples: { prompts: ['a'], width: 520 } }, 'samples.width'],
    [{ prior: { prompt: 'a', pictures: 1, draw: { height: 520 } } }, 'prior.draw.height'],
  ])('of %j one is refused by its field, with those nearest', (diffusion, field) => {
    const [found] = conflictsOf(diffusion);
    expect(found?.field).toBe(field);
    if (field === 'buckets.step') return;
    expect(found?.message).toBe('this model draws multiples of 64 pixels; 520 is none: take 512 or 576');
    expect(() => checkDrawnSides(drawn(diffusion).diffusion!, 64)).toThrow(
      `training.diffusion.${field}: this model draws multiples of 64 pixels`,
    );
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
