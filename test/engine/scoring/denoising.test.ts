import { describe, expect, it } from 'vitest';
import { prepareDraws } from '../../../main/engine/scoring/denoising/prepare-draws.ts';
import { scoreItems } from '../../../main/engine/scoring/score-items.ts';

const draws = [10, 30, 60, 90, 95].map((timestep, item) => ({ item, name: 'dog.png', timestep }));
const { facts, drawn } = prepareDraws({ name: 'held-out', draws, timesteps: 100, notices: [] });

describe('draws of held-out pictures', () => {
  it('count alike in all, and in the quarter of the schedule that they are in', () => {
    const scores = scoreItems(drawn.map(({ judge }, at) => judge(at + 1)));
    expect(facts).toMatchObject({ items: 5, chance: null });
    expect(scores).toEqual({
      denoising_loss: 3,
      denoising_loss_quarter_1: 1,
      denoising_loss_quarter_2: 2,
      denoising_loss_quarter_3: 3,
      denoising_loss_quarter_4: 4.5,
    });
  });

  it('that are no numbers are refused with picture and timestep', () => {
    expect(() => drawn[1]!.judge(Number.NaN)).toThrow('dog.png, timestep 30: the loss is not a number');
  });
});
