import { describeAdapter, type AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';

/** What an adapter can be written as. Pure: forms ask it too. */
export const exportKinds = ['merged', 'adapter', 'adapter-with-base'] as const;
export type ExportKind = (typeof exportKinds)[number];

const needsAdapter = ({ method }: AdapterSettings): string | null =>
  method === 'full'
    ? 'full fine-tuning has no adapter to export: it changed the weights themselves; export them merged'
    : null;

const needsResidual = (settings: AdapterSettings): string | null =>
  describeAdapter(settings).residual
    ? null
    : `${settings.method} leaves the base model as it is, so there is no other base to write; export the adapter alone`;

const refusals: Readonly<Record<ExportKind, (settings: AdapterSettings) => string | null>> = {
  merged: () => null,
  adapter: needsAdapter,
  'adapter-with-base': (settings) => needsAdapter(settings) ?? needsResidual(settings),
};

/** Why an adapter with these settings cannot be written so, in a line; null where it can. */
export const exportRefusal = (kind: ExportKind, settings: AdapterSettings): string | null =>
  refusals[kind](settings);

export const exportKindsOf = (settings: AdapterSettings): ExportKind[] =>
  exportKinds.filter((kind) => exportRefusal(kind, settings) === null);
