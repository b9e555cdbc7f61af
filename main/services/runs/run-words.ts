import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import { configurationSchema } from '../shared/experiment-definition.ts';
import type { RunLedger } from './run-ledger.ts';
import { isAtRest } from './run-status.ts';
import { now } from '../shared/identifiers.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';

interface Marked {
  readonly ids: string[];
}

/** What people say of their runs. None of it changes a number, so all of it can be said while they train. */
export const createRunWords = (store: Store, ledger: RunLedger, emit: EmitEvent) => {
  /** All or none. @throws WorkbenchError `not-found` */
  const mark = (ids: readonly string[], change: (id: string) => void): Marked => {
    store.transaction(() => {
      for (const id of ids) {
        if (store.runs.find(id) === undefined)
          throw new WorkbenchError('not-found', `there is no run "${id}"`);
        change(id);
      }
    });
    const marked = { ids: [...ids] };
    emit({ name: 'runs.marked', payload: marked });
    return marked;
  };

  return {
    tag: ({ ids, add = [], remove = [] }: MethodParamsParsed<'runs.tag'>): Marked =>
      mark(ids, (id) => {
        for (const tag of remove) store.runWords.removeTag(id, tag);
        for (const tag of add) store.runWords.addTag(id, tag);
      }),
    note: ({ id, note }: MethodParamsParsed<'runs.note'>): Marked =>
      mark([id], () => store.runWords.setNote(id, note)),
    archive: ({ ids, archived = true }: MethodParamsParsed<'runs.archive'>): Marked => {
      const at = archived ? now() : null;
      return mark(ids, (id) => store.runWords.setArchived(id, at));
    },
    rename: ({ id, name }: MethodParamsParsed<'runs.rename'>): Marked => {
      const { status, configuration } = ledger.show(id);
      // What trains names its adapter when it ends, as it was called when it began.
      if (!isAtRest(status))
        throw new WorkbenchError(
          'conflict',
          `the run "${configuration.name}" is ${status}; rename it when that is over`,
        );
      const marked = mark([id], () => {
        refusePartOfComparison(store, id);
        refuseTakenName(store, id, name);
        store.runWords.rename(id, name);
      });
      ledger.announce(id);
      return marked;
    },
  };
};

/** Its arms are known by their names. */
const refusePartOfComparison = (store: Store, id: string): void => {
  const comparisonId = store.comparisons.ofRun(id);
  if (comparisonId === undefined) return;
  const comparison = store.comparisons.find(comparisonId);
  throw new WorkbenchError(
    'conflict',
    `the run is a part of the comparison "${comparison?.name}", which knows it by its name`,
  );
};

const refuseTakenName = (store: Store, id: string, name: string): void => {
  const { experimentId } = store.runs.find(id)!;
  const isTaken = store.runs
    .ofExperiment(experimentId)
    .some((run) => run.id !== id && configurationSchema.parse(run.configuration).name === name);
  if (isTaken)
    throw new WorkbenchError('conflict', `name: another run of its experiment is called "${name}" already`);
};
