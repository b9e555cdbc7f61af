import type { Model } from '../../api/contract.ts';
import type { CommandContext } from '../command.ts';
import { allAdapters } from '../list-all.ts';
import { pick } from '../pick.ts';

export interface ArmFlags {
  readonly adapter?: readonly string[];
  readonly withBase?: true;
}

export const armFlags: Readonly<Record<string, string>> = {
  '--adapter <names...>':
    'who answers: adapters of the model, each on one copy of it; the model itself where none is named',
  '--with-base': 'the model itself too, before its adapters',
};

/** Who answers, with the names that people know them by. */
export interface PickedArms {
  readonly model: Model;
  readonly arms: readonly { readonly id: string | null; readonly name: string }[];
}

export const baseName = 'base';

export const pickArms = async (
  { call }: Pick<CommandContext, 'call'>,
  wanted: string,
  { adapter = [], withBase = false }: { readonly adapter?: readonly string[]; readonly withBase?: boolean },
): Promise<PickedArms> => {
  const model = pick(await call('models.list', {}), wanted, 'model');
  const base = { id: null, name: baseName };
  if (adapter.length === 0) return { model, arms: [base] };
  const ofModel = await allAdapters(call, { modelId: model.id });
  const picked = adapter.map((name) => {
    const { id, name: known } = pick(
      ofModel,
      name,
      'adapter',
      `the model ${model.name} has none of this id, name or experiment/configuration; nora adapter list shows what there is`,
    );
    return { id, name: known };
  });
  return { model, arms: withBase ? [base, ...picked] : picked };
};
