import { quote } from '../python/repr.ts';
import {
  dict,
  tuple,
  undefinedValue,
  type Arguments,
  type ObjectValue,
  type Value,
} from '../python/values.ts';
import { failed } from '../template-error.ts';

export interface MacroShape {
  /** null for the body of a call block. */
  readonly name: string | null;
  readonly parameters: readonly string[];
  /** Which of the special names its body reads. */
  readonly takes: { readonly caller: boolean; readonly kwargs: boolean; readonly varargs: boolean };
}

/** What a macro's body is run with; a parameter that was not given is missing. */
export interface MacroValues {
  readonly parameters: readonly (Value | undefined)[];
  readonly caller: Value;
  readonly kwargs: Value;
  readonly varargs: Value;
}

/** A macro as a value that can be called. */
export const macroValue = (shape: MacroShape, run: (values: MacroValues) => string): ObjectValue => ({
  kind: 'object',
  typeName: 'Macro',
  attribute: (name) => {
    if (name === 'name') return shape.name;
    if (name === 'arguments') return tuple(...shape.parameters);
    if (name === 'caller') return shape.takes.caller;
    if (name === 'catch_kwargs') return shape.takes.kwargs;
    if (name === 'catch_varargs') return shape.takes.varargs;
    return undefined;
  },
  call: (args) => run(distribute(shape, args)),
  repr: () => `<Macro ${shape.name === null ? 'None' : quote(shape.name)}>`,
});

const distribute = (
  { name, parameters, takes }: MacroShape,
  { positional, named }: Arguments,
): MacroValues => {
  const open = new Map(named);
  const taken = (parameter: string): Value | undefined => {
    const value = open.get(parameter);
    open.delete(parameter);
    return value;
  };
  const values = parameters.map((parameter, index) =>
    index < positional.length ? positional[index] : taken(parameter),
  );
  let caller: Value = undefinedValue('No caller defined');
  if (takes.caller && !parameters.includes('caller')) {
    const given = taken('caller');
    if (given !== undefined && given !== null) caller = given;
  }
  const rest = positional.slice(parameters.length);
  const shown = name === null ? 'None' : `'${name}'`;
  if (!takes.kwargs && open.size > 0)
    throw failed(
      open.has('caller')
        ? `macro ${shown} was invoked with two values for the special caller argument. This is most likely a bug.`
        : `macro ${shown} takes no keyword argument '${[...open.keys()][0]}'`,
    );
  if (!takes.varargs && rest.length > 0)
    throw failed(`macro ${shown} takes not more than ${parameters.length} argument(s)`);
  return { parameters: values, caller, kwargs: dict(open), varargs: tuple(...rest) };
};
