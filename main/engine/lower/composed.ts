import type { GraphBuilder } from '../graph/builder.ts';
import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import type { InitializerSource, NodeOf, Value } from '../graph/graph.ts';
import { byName, inOrder, resultsInOrder, type Results } from '../graph/named.ts';
import { viewOf } from '../graph/node-view.ts';
import type { InputsOf, OutputsOf } from '../graph/operators/entry.ts';
import { operators } from '../graph/operators/index.ts';
import type { AttributesOf, OperatorName, Signatures } from '../graph/signatures.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from './rule.ts';

/** What an operator is, said with others. */
export type Composition<O extends OperatorName> = (
  g: GraphBuilder,
  inputs: InputsOf<O>,
  attributes: AttributesOf<O>,
) => OutputsOf<O>;

/** What a rule sees whatever its node is. */
type Surroundings = Omit<LoweringContext<OperatorName>, 'attributes' | 'inputs' | 'values'>;

/** @throws Error where a composition has weights of its own */
const constantOf = ({ number }: Surroundings, source: InitializerSource): string => {
  if (source.kind === 'inline' && source.data.length === 1) return number(Number(source.data[0]));
  throw new Error('a composition has no constants but single numbers');
};

/** The nodes of one operator by a target's rules. */
const loweredBy = <O extends OperatorName>(
  rules: LoweringRules,
  surroundings: Surroundings,
  node: NodeOf<O>,
  nameOf: (value: Value) => string,
): readonly string[] => {
  const { inputs, outputs } = operators[node.operator];
  const lowered = rules[node.operator]({
    ...surroundings,
    attributes: node.attributes,
    values: viewOf(node),
    inputs: byName<Signatures[O]['inputs'], string>(inputs, node.inputs.map(nameOf)),
  });
  return resultsInOrder<Signatures[O]['outputs'], string>(outputs, lowered);
};

/** A rule for an operator that a target has no kernel for: what it is composed of, by that target's own rules. */
export const composed =
  <O extends OperatorName>(
    operator: O,
    rules: () => LoweringRules,
    composition: Composition<O>,
  ): LoweringRule<O> =>
  (context) => {
    const entry = operators[operator];
    const names = new Map<Value, string>();
    const g = createGraphBuilder();
    const inputs = inOrder<Signatures[O]['inputs'], Value>(entry.inputs, context.values.inputs).map(
      ({ dataType, shape }, at) => g.input(`${at}`, dataType, shape),
    );
    inOrder<Signatures[O]['inputs'], string>(entry.inputs, context.inputs).forEach((name, at) =>
      names.set(inputs[at] as Value, name),
    );
    const outputs = inOrder<Signatures[O]['outputs'], Value>(
      entry.outputs,
      composition(g, byName(entry.inputs, inputs), context.attributes),
    );
    const made = g.build(Object.fromEntries(outputs.map((value, at) => [`${at}`, value])));
    const nameOf = (value: Value): string => names.get(value) as string;
    for (const { value, source } of made.initializers) names.set(value, constantOf(context, source));
    for (const node of made.nodes)
      loweredBy<OperatorName>(rules(), context, node, nameOf).forEach((name, at) =>
        names.set(node.outputs[at] as Value, name),
      );
    const results = outputs.map(nameOf);
    return (results.length === 1 ? results[0] : byName(entry.outputs, results)) as Results<
      Signatures[O]['outputs'],
      string
    >;
  };
