import { expect, it } from 'vitest';
import { defaultGenerationSettings } from '../../main/engine/generation/generation-settings.ts';
import { defaultsNotice, readSettings } from '../../main/cli/generation/generation-flags.ts';

const ofModel = { settings: { ...defaultGenerationSettings, temperature: 0.6, topP: 0.95 } };

it('settings are the flags on a preset on what the model says', () => {
  expect(readSettings({}, ofModel)).toEqual(ofModel.settings);
  expect(readSettings({ preset: 'balanced', topP: '1', topK: '0', stop: ['\n'] }, ofModel)).toEqual({
    ...defaultGenerationSettings,
    temperature: 0.7,
    stop: ['\n'],
  });
  expect(readSettings({ maxTokens: '9', seed: '5' }, ofModel)).toMatchObject({
    maximumTokens: 9,
    seed: 5,
    topP: 0.95,
  });
});

it.each([
  [{ topP: '2' }, '--top-p: "2" is not in its range'],
  [{ temperature: '' }, '--temperature: "" is not in its range'],
  [{ maxTokens: '1.5' }, '--max-tokens: "1.5" is not in its range'],
  [{ preset: 'wild' }, '--preset: "wild" is none of greedy, balanced, creative'],
])('%j is refused', (flags, message) => {
  expect(() => readSettings(flags, ofModel)).toThrow(message);
});

it('what comes from the model is said, unless a preset takes its place', () => {
  const defaults = {
    ...ofModel,
    fromModel: ['temperature', 'topP'] as const,
    keys: ['do_sample', 'temperature', 'top_p'],
    hasChatTemplate: true,
  };
  expect(defaultsNotice(defaults, {})).toBe(
    "As the model's generation_config.json says (do_sample, temperature, top_p): temperature 0.6, topP 0.95",
  );
  expect(defaultsNotice(defaults, { preset: 'greedy' })).toBeNull();
});
