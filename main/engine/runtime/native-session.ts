import type { Tensor } from '../tensor.ts';
import type { NativeRuntime } from './native-runtime.ts';
import type { Session, ToOpen } from './session-interface.ts';

/**
 * Opens a session of the addon's: on the CPU, with the operators of native/src/operators. Inputs are read where they are, outputs are
 * written where they are asked for, and others come in arrays of their own.
 */
export const openNatively = (
  { addon, library }: NativeRuntime,
  { graph, lowered, configuration, options: { threads, arena = true, profile } }: ToOpen,
): Session => {
  const session = new addon.NativeSession(library, lowered.bytes, {
    ...(threads === null ? {} : { threads }),
    ...(profile === undefined ? {} : { profile }),
    arena,
    configuration: Object.fromEntries(
      Object.entries(configuration).map(([key, value]) => [`session.${key}`, value]),
    ),
  });
  const names = graph.outputs.map(({ name }) => name);
  let [toDevice, fromDevice] = [0, 0];

  const run: Session['run'] = async (inputs, into = {}) => {
    const feeds = graph.inputs.map(({ name }): [string, Tensor] => {
      const feed = inputs[name];
      if (!feed) throw new Error(`input ${name} is missing`);
      if ('resident' in feed) throw new Error(`input ${name} is on another device; the CPU cannot take it`);
      return [name, feed];
    });
    const fresh = session.run(
      feeds.map(([name]) => name),
      feeds.map(([, { data }]) => data),
      feeds.map(([, { shape }]) => shape),
      names,
      names.map((name) => into[name]?.data ?? null),
      names.map((name) => into[name]?.shape ?? []),
    );
    const outputs = names.map((name, at): [string, Tensor] => [name, (into[name] ?? fresh[at]) as Tensor]);
    for (const [, { data }] of feeds) toDevice += data.byteLength;
    for (const [, { data }] of outputs) fromDevice += data.byteLength;
    return Object.fromEntries(outputs);
  };

  return {
    graph,
    run,
    runResident: async (inputs, into) => ({ read: await run(inputs, into), resident: {} }),
    traffic: () => ({ toDevice, fromDevice }),
    mostInUse: () => session.mostInUse(),
    release: async () => session.release(),
  };
};
