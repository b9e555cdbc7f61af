import type { TrainingRule } from '../../adapters/description/adapter-description.ts';
import { orthogonality } from './orthogonality.ts';
import type { ParameterRule, RuleContext } from './parameter-rule.ts';
import { preconditionB } from './precondition-b.ts';
import { rankAllocation } from './rank-allocation.ts';

const makers: {
  readonly [K in TrainingRule['kind']]: (
    context: RuleContext,
    rule: Extract<TrainingRule, { kind: K }>,
  ) => ParameterRule;
} = {
  'precondition-b': preconditionB,
  orthogonality,
  'rank-allocation': rankAllocation,
};

/** The rules of an adapter's description, in its order. */
export const createRules = (context: RuleContext): ParameterRule[] =>
  context.adapter.description.rules.map((rule) =>
    (makers[rule.kind] as (context: RuleContext, rule: TrainingRule) => ParameterRule)(context, rule),
  );
