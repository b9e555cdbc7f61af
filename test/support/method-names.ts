import { methods } from '../../main/engine/adapters/methods/index.ts';

/** Every method, as messages list them for a choice: `"lora", "nora" or "eva"`. */
export const methodNames: readonly string[] = Object.keys(methods);

const quoted = methodNames.map((name) => JSON.stringify(name));
export const oneOfMethods = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
