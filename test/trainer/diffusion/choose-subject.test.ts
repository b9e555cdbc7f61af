import { describe, expect, it } from 'vitest';
import type { SubjectPicture } from '../../../main/engine/data/pictures/sets/picture-set.ts';
import { chooseSubject } from '../../../main/trainer/run/diffusion/choose-subject.ts';

const picture = (name: string, prior = false): SubjectPicture => ({
  name,
  place: 'dogs',
  caption: null,
  repeats: 1,
  prior,
});
const dogs = [...'abcde'].map((name) => picture(name));
const classDogs = [...'xyz'].map((name) => picture(name, true));
const prior = { prompt: 'a dog', weight: 1, pictures: 0, draw: null };
const subject = { settings: { prior, heldOut: 'subject' as const }, validationFraction: 0.2, splitSeed: 1 };
const set = (parts: object = {}) => ({
  folder: '/dogs',
  parts: { train: [...dogs, ...classDogs], validation: null, test: null, ...parts },
});
const names = (pictures: readonly SubjectPicture[]): string =>
  pictures
    .map(({ name }) => name)
    .toSorted()
    .join('');

describe('what a run trains and is measured on', () => {
  it('holds one of five out, and trains on all of the class', () => {
    const chosen = chooseSubject(set(), subject);
    expect(chosen.heldOut).toHaveLength(1);
    expect(names([...chosen.train, ...chosen.heldOut])).toBe('abcde');
    expect(names(chosen.prior)).toBe('xyz');
  });

  it('takes the part to test on where there is one, and of it the subject alone', () => {
    const chosen = chooseSubject(set({ test: [picture('t'), picture('u', true)] }), subject);
    expect([names(chosen.train), names(chosen.heldOut)]).toEqual(['abcde', 't']);
  });

  it('is measured on a part of the class where that is asked', () => {
    const chosen = chooseSubject(set(), { ...subject, settings: { prior, heldOut: 'class' } });
    expect(names(chosen.train)).toBe('abcde');
    expect(names([...chosen.prior, ...chosen.heldOut])).toBe('xyz');
    expect(chosen.heldOut).toHaveLength(1);
  });

  it('leaves what is reported on alone where settings are tuned', () => {
    const reported = names(chooseSubject(set(), subject).heldOut);
    const tuned = chooseSubject(set(), { ...subject, tuningFraction: 0.3 });
    expect(names([...tuned.train, ...tuned.heldOut])).not.toContain(reported);
    expect(tuned.heldOut.length).toBeGreaterThan(0);
  });

  it('says which class pictures it does not train on', () => {
    const chosen = chooseSubject(set(), { ...subject, settings: { prior: null, heldOut: 'subject' } });
    expect(chosen.prior).toEqual([]);
    expect(chosen.notices[1]).toMatch(/^3 pictures of the class are there and not trained on/);
  });

  it('needs two pictures to hold one out', () => {
    expect(() => chooseSubject(set({ train: [picture('a')] }), subject)).toThrow(
      '/dogs: has 1 picture of the subject, so none can be held out',
    );
    expect(() => chooseSubject(set({ train: classDogs }), subject)).toThrow('has no pictures of the subject');
  });
});
