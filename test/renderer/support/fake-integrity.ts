import type { Integrity } from '../../../main/api/contract.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';

const nothingChecked: Integrity = {
  ...{ status: 'none', progress: null, files: 0, bytes: 0, findings: [] },
  ...{ startedAt: null, endedAt: null, error: null },
};

const found: Integrity['findings'] = [
  {
    ...{ id: '1', subject: 'the model "sample-llama"', repair: null, isHarmless: false },
    problem: '/opt/nora/sample/model/model.safetensors: holds other bytes than it did',
    advice: 'put the files of then back; runs and exports on other files are refused',
  },
  {
    ...{ id: '2', subject: 'leftovers', repair: 'remove it', advice: null, isHarmless: true },
    problem:
      '/home/ada/.local/share/nora-workbench/adapters/.one.0123456789ab.partial: was begun and never finished',
  },
];

/** A check that finds two things, one of which can be repaired, and is over at once but for its first moment. */
export const fakeIntegrity = (emit: EmitEvent): WorkbenchMethods['integrity'] => {
  let state = nothingChecked;
  let left = found;
  const tell = (changes: Partial<Integrity>): Integrity => {
    state = { ...state, ...changes };
    emit({ name: 'integrity.changed', payload: state });
    return state;
  };
  const check = (): Integrity => {
    const at = '2026-11-29T10:00:00.000Z';
    setTimeout(() => {
      if (state.status !== 'checking') return;
      tell({ status: 'checked', progress: null, files: 12, bytes: 5.3e6, findings: left, endedAt: at });
    }, 300);
    const progress = { subject: 'the model "sample-llama"', done: 2.1e6, total: 5.3e6 };
    return tell({ ...nothingChecked, status: 'checking', progress, startedAt: at });
  };
  return {
    show: () => state,
    check,
    stop: () => tell({ status: 'stopped', progress: null }),
    repair: ({ ids }) => {
      left = left.filter(({ id }) => !ids.includes(id));
      return check();
    },
  };
};
