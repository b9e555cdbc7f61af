import { describe, expect, test } from 'vitest';
import { runStatusSchema } from '../../main/services/shared/entities.ts';
import {
  allowedTransitions,
  assertTransition,
  isActive,
  isAtRest,
} from '../../main/services/runs/run-status.ts';

const statuses = runStatusSchema.options;

describe('the statuses of a run', () => {
  test('that are at rest can only be queued or given up', () => {
    for (const status of statuses.filter(isAtRest))
      for (const next of allowedTransitions[status]) expect(['queued', 'cancelled']).toContain(next);
  });

  test('with a trainer can all end in every way a trainer can end', () => {
    for (const status of statuses.filter(isActive))
      for (const end of ['completed', 'failed', 'interrupted'] as const)
        expect(allowedTransitions[status]).toContain(end);
  });

  test('can all be reached but the first', () => {
    const reachable = new Set(Object.values(allowedTransitions).flat());
    expect(statuses.filter((status) => !reachable.has(status))).toEqual([]);
    expect(allowedTransitions.completed).toEqual([]);
  });

  test('change with a sentence or not at all', () => {
    expect(() => assertTransition('lora', 'created', 'queued')).not.toThrow();
    expect(() => assertTransition('lora', 'completed', 'queued')).toThrow(
      'the run "lora" is completed: it can\'t be started',
    );
  });
});
