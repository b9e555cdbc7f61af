import { describe, expect, test } from 'vitest';
import { configurationSchema } from '../../main/services/shared/experiment-definition.ts';

const plain = { name: 'a', adapter: { method: 'lora' } } as const;

describe('a configuration', () => {
  test('says its rate in short, as all that were stored before it had settings of its own', () => {
    const { training } = configurationSchema.parse({ ...plain, learningRate: 0.01 });
    expect(training).toEqual({ learningRate: 0.01 });
    expect(
      configurationSchema.parse({ ...plain, learningRate: 0.01, training: { steps: 3 } }).training,
    ).toEqual({
      learningRate: 0.01,
      steps: 3,
    });
  });

  test('means the same when it is read again', () => {
    for (const given of [plain, { ...plain, learningRate: 0.01 }, { ...plain, training: {} }]) {
      const once = configurationSchema.parse(given);
      expect(configurationSchema.parse(once)).toEqual(once);
    }
    expect(configurationSchema.parse({ ...plain, training: {} })).not.toHaveProperty('training');
  });

  test('has one rate', () => {
    const twice = { ...plain, learningRate: 0.01, training: { learningRate: 0.1 } };
    expect(() => configurationSchema.parse(twice)).toThrow('training.learningRate is given too');
  });
});
