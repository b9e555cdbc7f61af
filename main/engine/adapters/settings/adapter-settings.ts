import { z } from 'zod';
import { isObject } from '../../json-value.ts';
import type { AdapterDescription } from '../description/adapter-description.ts';
import { methods } from '../methods/index.ts';
import { noraPresets } from '../methods/nora.ts';

export type AdapterMethod = keyof typeof methods;
type Schema = (typeof methods)[AdapterMethod]['schema'];

/** `preset: paper` stands for its settings, under those that are given; `exponent` is what files had before there was a choice of matrices. */
const spellOut = (input: unknown): unknown => {
  if (!isObject(input) || input['method'] !== 'nora') return input;
  const { preset, exponent, ...given } = input;
  const known = typeof preset === 'string' && Object.hasOwn(noraPresets, preset);
  return {
    ...(exponent === undefined ? {} : { activationMatrix: { kind: 'mean-absolute', exponent } }),
    ...(known ? noraPresets[preset as keyof typeof noraPresets].settings : {}),
    ...(preset === undefined || known ? {} : { preset }),
    ...given,
  };
};

/** One adapter as a person asks for it. Every method is a named point in one design space: see `adapter-description.ts`. */
export const adapterSettingsSchema = z.preprocess(
  spellOut,
  z.discriminatedUnion(
    'method',
    Object.values(methods).map(({ schema }) => schema) as unknown as [Schema, ...Schema[]],
  ),
);

export type AdapterSettings = z.output<Schema>;

/** What the settings mean in the design space. */
export const describeAdapter = (settings: AdapterSettings): AdapterDescription =>
  (methods[settings.method].describe as (settings: AdapterSettings) => AdapterDescription)(settings);
