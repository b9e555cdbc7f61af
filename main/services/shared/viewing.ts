import { WorkbenchError } from '../../engine/errors.ts';
import type { QueueLock } from '../../store/queue-lock.ts';
import type { ViewedFor } from '../../store/read-only.ts';
import type { MethodName } from './methods.ts';

const texts: Readonly<Record<ViewedFor, string>> = {
  'read-only': 'can only be read: nothing can be started, imported or changed',
  full: 'is on a disk that is full: nothing can be started, imported or changed until there is room; `nora storage` shows what can be cleared, then open it again',
};

/** What a person is told of a data directory that can only be looked at. */
export const viewingText = (dataDirectory: string, viewedFor: ViewedFor = 'read-only'): string =>
  `${dataDirectory} ${texts[viewedFor]}`;

export const refuseChange = (dataDirectory: string, viewedFor: ViewedFor): WorkbenchError =>
  new WorkbenchError(
    viewedFor === 'full' ? 'no-space' : 'invalid-input',
    viewingText(dataDirectory, viewedFor),
  );

/** Calls that write nothing into the data directory: a backup of it is written elsewhere, a check only looks. All others are refused where it can only be read, new ones as well. */
const viewing: ReadonlySet<MethodName> = new Set<MethodName>([
  ...(['app.doctor', 'app.report', 'app.log', 'machine.show', 'storage.show'] as const),
  ...(['integrity.show', 'integrity.check', 'integrity.stop', 'backups.create', 'backups.stop'] as const),
  ...(['devices.list', 'devices.probe', 'folders.list', 'readings.stop'] as const),
  ...(['models.list', 'models.families', 'models.show', 'models.chatTemplate', 'models.spectra'] as const),
  ...(['models.siteSpectra', 'models.memory'] as const),
  ...(['datasets.list', 'datasets.show', 'datasets.inspect', 'datasets.preview'] as const),
  ...(['experiments.list', 'experiments.show', 'experiments.demo', 'experiments.presets'] as const),
  ...(['experiments.fromPreset', 'experiments.read'] as const),
  ...([
    'datasets.classes',
    'datasets.pictures',
    'datasets.thumbnails',
    'datasets.prompts',
    'datasets.buckets',
    'datasets.framed',
  ] as const),
  ...(['datasets.sharedPictures', 'models.pictureView', 'models.layers', 'models.parts'] as const),
  ...(['experiments.write', 'experiments.estimate', 'experiments.compare', 'templates.list'] as const),
  ...(['comparisons.list', 'comparisons.show', 'comparisons.templates', 'comparisons.fromTemplate'] as const),
  ...(['comparisons.read', 'comparisons.design', 'comparisons.diagnosis', 'comparisons.answer'] as const),
  ...(['comparisons.items', 'comparisons.report', 'comparisons.pictures', 'comparisons.picture'] as const),
  ...(['runs.list', 'runs.ids', 'runs.groups', 'runs.columns', 'runs.tags', 'runs.sparklines'] as const),
  ...(['runs.show', 'runs.log', 'runs.metrics', 'runs.samples', 'views.list', 'removals.list'] as const),
  ...(['runs.pictures', 'runs.picture'] as const),
  ...(['queue.show', 'metrics.list', 'metrics.series', 'adapters.list', 'adapters.show'] as const),
  ...(['generation.show', 'generation.defaults', 'generation.tallies', 'classifying.defaults'] as const),
  ...(['exports.list', 'exports.show', 'blind.list', 'blind.show', 'blind.pair'] as const),
]);

export const isViewing = (method: MethodName): boolean => viewing.has(method);

/** Whether a call may be made of a library that is looked at: on a full disk also what makes room and changes no row. */
export const isAdmitted = (method: MethodName, viewedFor: ViewedFor): boolean =>
  isViewing(method) || (viewedFor === 'full' && method === 'storage.clear');

/** In place of a queue's lock, which lies in the data directory: nothing is started there. */
export const noQueueLock = (dataDirectory: string, viewedFor: ViewedFor): QueueLock => ({
  acquire: () => {
    throw refuseChange(dataDirectory, viewedFor);
  },
  acquireUnsigned: () => {
    throw refuseChange(dataDirectory, viewedFor);
  },
  held: false,
  holder: () => null,
  close: () => undefined,
});
