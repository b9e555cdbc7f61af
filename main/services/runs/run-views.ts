import { WorkbenchError } from '../../engine/errors.ts';
import type { RunViewRecord } from '../../store/repositories/run-views.ts';
import type { Store } from '../../store/store.ts';
import { createId, now } from '../shared/identifiers.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import { viewDefinitionSchema } from './run-table-schema.ts';
import type { RunView } from './run-table-schema.ts';

const viewOf = ({ definition, ...rest }: RunViewRecord): RunView => ({
  ...rest,
  definition: viewDefinitionSchema.parse(definition),
});

/** Ways to look at the table of runs, kept with the library so that every window has them. */
export const createRunViews = (store: Store, emit: EmitEvent) => {
  const find = (id: string): RunViewRecord => {
    const found = store.runViews.find(id);
    if (found === undefined) throw new WorkbenchError('not-found', 'there is no such view, or none any more');
    return found;
  };
  const tell = (): void => emit({ name: 'views.changed', payload: {} });
  return {
    list: () => store.runViews.list().map(viewOf),
    save: ({ id, name, definition }) => {
      const saved = store.transaction(() => {
        const other = store.runViews.withName(name);
        if (other !== undefined && other.id !== id)
          throw new WorkbenchError(
            'conflict',
            `name: there is a view "${other.name}" already; choose another name`,
          );
        if (id !== undefined) {
          find(id);
          store.runViews.update(id, { name, definition });
          return id;
        }
        const made = { id: createId(), name, definition, createdAt: now() };
        store.runViews.insert(made);
        return made.id;
      });
      tell();
      return viewOf(find(saved));
    },
    remove: ({ id }) => {
      find(id);
      store.runViews.remove(id);
      tell();
      return {};
    },
  } satisfies WorkbenchMethods['views'];
};
