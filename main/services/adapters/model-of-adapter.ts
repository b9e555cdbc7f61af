import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { CheckOptions } from '../library/model-identity.ts';

const howItCame = ({ source, parts }: AdapterRecord): string => {
  if (parts !== null) return 'added up on it';
  return source === null ? 'trained on it' : 'imported for it';
};

/** The files of the model that an adapter was trained on, or imported for; as they were at import where it is older than that was kept. */
export const modelOfAdapter = (adapter: AdapterRecord): CheckOptions => ({
  expected: adapter.modelIdentity,
  ...(adapter.modelIdentity && {
    since: `since the adapter "${adapter.name}" was ${howItCame(adapter)}`,
  }),
});
