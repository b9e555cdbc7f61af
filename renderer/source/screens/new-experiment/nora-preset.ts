import { noraPresets } from '../../../../main/api/contract.ts';
import type { AdapterSettings } from '../../../../main/api/contract.ts';

type Preset = keyof typeof noraPresets;

export const presetItems: { value: string; label: string }[] = [
  ...Object.entries(noraPresets).map(([value, { title }]) => ({ value, label: title })),
  { value: 'custom', label: 'Own settings' },
];

/** The preset that the settings are; undefined for methods without any. */
export const presetOf = (adapter: AdapterSettings): Preset | 'custom' | undefined => {
  if (adapter.method !== 'nora') return undefined;
  const isPreset = (name: Preset): boolean =>
    Object.entries(noraPresets[name].settings).every(
      ([field, value]) => JSON.stringify(adapter[field as keyof typeof adapter]) === JSON.stringify(value),
    );
  return (Object.keys(noraPresets) as Preset[]).find(isPreset) ?? 'custom';
};

export const withPreset = (adapter: AdapterSettings, preset: string): AdapterSettings =>
  adapter.method === 'nora' && Object.hasOwn(noraPresets, preset)
    ? { ...adapter, ...structuredClone(noraPresets[preset as Preset].settings) }
    : adapter;
