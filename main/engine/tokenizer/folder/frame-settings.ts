import type { Engine } from '../engine.ts';
import { disagreement } from './apply-settings.ts';
import type { Family } from './families.ts';

/** transformers 4.57's defaults for classes that make their post-processor from these keys; version 5 keeps tokenizer.json's. */
const defaults = { bos: true, eos: false } as const;

/**
 * add_bos_token and add_eos_token against what the post-processor does.
 * @returns notices
 * @throws WorkbenchError where a key says otherwise than tokenizer.json
 */
export const checkFrameSettings = (
  engine: Engine,
  config: Readonly<Record<string, unknown>>,
  ids: { readonly bos: number | undefined; readonly eos: number | undefined },
  family: Family,
  place: string,
): readonly string[] => {
  if (family !== 'llama' && family !== 'gemma') return [];
  const { ids: framed, added } = engine.encode('a', null, { addSpecialTokens: true, withOffsets: false });
  const sides = [
    { name: 'bos', id: ids.bos, isThere: added[0] === 1 && framed[0] === ids.bos },
    { name: 'eos', id: ids.eos, isThere: added.at(-1) === 1 && framed.at(-1) === ids.eos },
  ] as const;
  return sides.flatMap(({ name, id, isThere }) => {
    const key = `add_${name}_token`;
    const said = config[key];
    const wanted = typeof said === 'boolean' ? said : defaults[name];
    if (id === undefined || wanted === isThere) return [];
    const does = `the post-processor of tokenizer.json ${isThere ? 'adds' : 'does not add'} ${name}_token`;
    if (typeof said === 'boolean') throw disagreement(place, key, said, does);
    return [
      `${does}: it is followed, as by transformers 5, while version 4.57 ${isThere ? 'adds none' : 'adds it'} unless tokenizer_config.json says otherwise (${key})`,
    ];
  });
};
