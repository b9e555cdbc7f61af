import { WorkbenchError } from '../../engine/errors.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { Store } from '../../store/store.ts';

export const findAdapter = (store: Store, idOrName: string): AdapterRecord => {
  const adapter = store.adapters.find(idOrName);
  if (adapter === undefined) throw new WorkbenchError('not-found', `there is no adapter "${idOrName}"`);
  return adapter;
};
