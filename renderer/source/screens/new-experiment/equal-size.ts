import { trainedParameters, withTrainedParameters } from '../../../../main/api/contract.ts';
import type { AdapterSettings, Model } from '../../../../main/api/contract.ts';

/** What the size of a configuration follows from. */
interface Sized {
  readonly key: number;
  readonly adapter: AdapterSettings;
  readonly equalTo?: number | undefined;
}

/** Of whose size a configuration is to be; undefined where it has its own, or the other has gone. */
export const sizeReference = <C extends Sized>(
  { equalTo }: Sized,
  configurations: readonly C[],
): C | undefined => (equalTo === undefined ? undefined : configurations.find(({ key }) => key === equalTo));

/** Whether any rank of it is free to be moved. */
export const canBeResized = ({ adapter }: Pick<Sized, 'adapter'>, model: Model | undefined): boolean =>
  model !== undefined &&
  withTrainedParameters(adapter, trainedParameters(model, adapter), model) !== undefined;

/** The configuration with ranks that make it as large as the one it is to equal; itself where nothing has to change. */
const resizedOne = <C extends Sized>(
  configuration: C,
  configurations: readonly Sized[],
  model: Model | undefined,
): C => {
  const reference = sizeReference(configuration, configurations);
  if (model === undefined || reference === undefined) return configuration;
  const target = trainedParameters(model, reference.adapter);
  const adapter = withTrainedParameters(configuration.adapter, target, model);
  return adapter === undefined || JSON.stringify(adapter) === JSON.stringify(configuration.adapter)
    ? configuration
    : { ...configuration, adapter };
};

/** All of them, each at the size that it is to have. */
export const resized = <C extends Sized>(configurations: readonly C[], model: Model | undefined): C[] =>
  configurations.map((one) => resizedOne(one, configurations, model));

/** `5.4 % fewer than NoRA 64/16`, `as many as NoRA 64/16`. */
export const sizeText = (trained: number, target: number, name: string): string => {
  const share = Math.abs(trained / target - 1);
  if (share < 0.0005) return `as many as ${name}`;
  const percent = Number((100 * share).toPrecision(2));
  return `${percent} % ${trained < target ? 'fewer' : 'more'} than ${name}`;
};
