import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import { configurationSchema } from '../shared/experiment-definition.ts';
import type { RunLedger } from './run-ledger.ts';
import { isAtRest } from './run-status.ts';
import type { TagChange } from './run-table-schema.ts';
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
    tags: ({ ids }: MethodParamsParsed<'runs.tags'>) => store.runWords.countTags(ids),
    tag: ({ ids, add = [], remove = [] }: MethodParamsParsed<'runs.tag'>): TagChange => {
      const added = new Map<string, string[]>(add.map((tag) => [tag, []]));
      const removed = new Map<string, string[]>(remove.map((tag) => [tag, []]));
      const marked = mark(ids, (id) => {
        for (const [tag, of] of removed) if (store.runWords.removeTag(id, tag)) of.push(id);
        for (const [tag, of] of added) if (store.runWords.addTag(id, tag)) of.push(id);
      });
      return { ...marked, added: changesOf(added), removed: changesOf(removed) };
    },
    note: ({ id, note }: MethodParamsParsed<'runs.note'>): Marked =>
      mark([id], () => store.runWords.setNote(id, note)),
    archive: ({ ids, archived = true }: MethodParamsParsed<'runs.archive'>): Marked => {
      const at = archived ? now() : null;
      const changed: string[] = [];
      mark(ids, (id) => {
        if (store.runWords.setArchived(id, at)) changed.push(id);
      });
      return { ids: changed };
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

const changesOf = (tags: ReadonlyMap<string, string[]>): TagChange['added'] =>
  [...tags].flatMap(([tag, ids]) => (ids.length === 0 ? [] : [{ tag, ids }]));

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
