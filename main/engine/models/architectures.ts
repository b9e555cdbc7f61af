import { WorkbenchError, invalidInput } from '../errors.ts';
import type { ModelArchitecture, ReadArchitecture } from './architecture.ts';
import { readLlama } from './llama.ts';

/** Every architecture, by the `model_type` of config.json. A new one is one file and one line here. */
const architectures: Readonly<Record<string, ReadArchitecture>> = { llama: readLlama };

export const supportedArchitectures: readonly string[] = Object.keys(architectures);

/** The model that a config.json describes. `place` is its path, for errors. */
export const readArchitecture = (
  config: Readonly<Record<string, unknown>>,
  place: string,
): ModelArchitecture => {
  const type = config['model_type'];
  if (typeof type !== 'string') throw invalidInput(`${place}: model_type is missing`);
  const read = Object.hasOwn(architectures, type) ? architectures[type] : undefined;
  if (!read)
    throw new WorkbenchError(
      'unsupported',
      `${place}: the architecture "${type}" is not supported yet (supported: ${supportedArchitectures.join(', ')})`,
    );
  return read(config, place);
};
