import { WorkbenchError } from '../../engine/errors.ts';
import { explainError } from '../../engine/formats/explain-error.ts';
import { copyLibraryApart } from '../../store/library-copies.ts';
import type { Store } from '../../store/store.ts';
import { activeStatuses } from '../runs/run-status.ts';
import { now } from '../shared/identifiers.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { UnderWay } from '../shared/under-way.ts';
import { throttle, updateMilliseconds } from '../shared/throttle.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import { checkFiles } from './check-files.ts';
import { checkPictures } from './check-pictures.ts';
import { checkFolders } from './check-folders.ts';
import { checkRunLogs } from './check-run-logs.ts';
import { checkLibrary } from './check-library.ts';
import { expectedFiles } from './expected-files.ts';
import { findingOf, type Found } from './found.ts';
import type { Integrity } from './integrity-schema.ts';

interface IntegrityContext {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly ownership: Ownership;
  readonly underWay: UnderWay;
  readonly readFiles: ReadFiles;
  readonly emit: EmitEvent;
}

const nothingChecked: Integrity = {
  ...{ status: 'none', progress: null, files: 0, bytes: 0, findings: [] },
  ...{ startedAt: null, endedAt: null, error: null },
};

/**
 * Holds everything that the workbench keeps against what it wrote: the database and every file whose hash is known. It reads, piece by piece and
 * elsewhere, so that all else goes on; what it can put right it says, and does only when told to.
 */
export const createIntegrityService = (context: IntegrityContext) => {
  const { store, dataDirectory, ownership, underWay, readFiles, emit } = context;
  let state = nothingChecked;
  let found: ReadonlyMap<string, Found> = new Map();
  let work: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  const announce = (): void => emit({ name: 'integrity.changed', payload: state });
  const updates = throttle(updateMilliseconds, announce, () => undefined);
  const change = (changes: Partial<Integrity>): void => {
    state = { ...state, ...changes };
    updates.request();
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    found = new Map();
    change({ ...nothingChecked, status: 'checking', startedAt: now() });
    change({ progress: { subject: 'the library', done: 0, total: 0 } });
    const add = (more: readonly Found[]): void => {
      const all = new Map(found);
      for (const one of more) all.set(`${all.size + 1}`, one);
      found = all;
      change({ findings: [...all].map(([id, one]) => findingOf(one, id)) });
    };
    add(await checkLibrary({ dataDirectory, libraryFile: store.libraryFile }, signal));
    add(await checkFolders({ store, dataDirectory }, signal));
    change({ progress: { subject: "the runs' logs", done: 0, total: 0 } });
    add(await checkRunLogs({ store, dataDirectory }, signal));
    const progress = {
      begin: (subject: string, total: number) => change({ progress: { subject, done: state.bytes, total } }),
      read: (bytes: number) =>
        change({
          bytes: state.bytes + bytes,
          progress: state.progress && { ...state.progress, done: state.bytes + bytes },
        }),
      end: () => change({ files: state.files + 1 }),
    };
    add(await checkFiles(expectedFiles(store, dataDirectory), progress, signal));
    add(await checkPictures({ store, readFiles }, progress, signal));
  };

  const mend = async (ids: readonly string[]): Promise<void> => {
    change({ status: 'repairing', progress: null, error: null });
    const repairs = ids.map((id) => found.get(id)!.repair!);
    if (repairs.some(({ changesLibrary }) => changesLibrary)) await copyLibraryApart(dataDirectory);
    for (const { run } of repairs) await run();
  };

  const start = (first: () => Promise<void>): void => {
    const stop = new AbortController();
    const ended = (async () => {
      try {
        await first();
        await look(stop.signal);
        change({ status: 'checked' });
      } catch (error) {
        if (stop.signal.aborted) change({ status: 'stopped' });
        else change({ status: 'failed', error: explainError(error).message });
      }
      work = undefined;
      change({ progress: null, endedAt: now() });
      updates.flush();
    })();
    work = { stop, ended };
  };

  const refuseBusy = (): void => {
    if (work !== undefined)
      throw new WorkbenchError('conflict', 'the library is being checked already; wait, or stop that');
  };

  return {
    methods: {
      show: () => state,
      check: () => {
        refuseBusy();
        start(() => Promise.resolve());
        return state;
      },
      stop: async () => {
        work?.stop.abort();
        await work?.ended;
        return state;
      },
      repair: async ({ ids }: MethodParamsParsed<'integrity.repair'>) => {
        refuseBusy();
        ownership.require();
        const [busy] = store.runs.withStatus(activeStatuses);
        if (busy !== undefined)
          throw new WorkbenchError('conflict', 'a run is going on: pause it before the library is repaired');
        const unknown = ids.find((id) => found.get(id)?.repair === undefined);
        if (unknown !== undefined)
          throw new WorkbenchError('not-found', `nothing that can be repaired has the number "${unknown}"`);
        const end = await underWay.beginAlone();
        if (work !== undefined) end();
        refuseBusy();
        start(() => mend(ids).finally(end));
        return state;
      },
    } satisfies WorkbenchMethods['integrity'],
    /** Resolves once nothing is under way. */
    atRest: async (): Promise<Integrity> => {
      await work?.ended;
      return state;
    },
    close: async (): Promise<void> => {
      work?.stop.abort();
      await work?.ended;
      updates.cancel();
    },
  };
};
