import type { Adapter, RunRow } from '../api/contract.ts';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';

interface Named {
  readonly id: string;
  readonly name: string;
  /** Of what a run made: it goes by the run's id too, and by `experiment/configuration`. */
  readonly runId?: string | null;
  readonly experimentName?: string | null;
}

const idsOf = ({ id, runId = null }: Named): string[] => (runId === null ? [id] : [id, runId]);

const namesOf = ({ name, runId = null, experimentName = null }: Named): string[] =>
  runId === null || experimentName === null ? [name] : [name, `${experimentName}/${name}`];

/** Whether a thing goes by that id or name. */
export const isMeant = (thing: Named, wanted: string): boolean =>
  idsOf(thing).includes(wanted) || namesOf(thing).includes(wanted);

/** The one thing that a person means by an id, the start of an id, or a name. `kind` is for messages: `model`. */
export const pick = <T extends Named>(
  things: readonly T[],
  wanted: string,
  kind: string,
  hint = `nora ${kind} list shows what there is`,
): T => {
  const exact = things.find((thing) => idsOf(thing).includes(wanted));
  if (exact !== undefined) return exact;
  const named = things.filter((thing) => namesOf(thing).includes(wanted));
  const startsSo = (id: string): boolean => wanted !== '' && id.startsWith(wanted);
  const found = named.length > 0 ? named : things.filter((thing) => idsOf(thing).some(startsSo));
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(', ');
    throw invalidInput(`"${wanted}" fits more than one ${kind}, say which by its id: ${ids}`);
  }
  const [only] = found;
  if (only === undefined) throw new WorkbenchError('not-found', `no ${kind} "${wanted}": ${hint}`);
  return only;
};

/** A run goes by `experiment/configuration` where it is not named by its id. */
export const runName = ({ experimentName, name }: RunRow): string => `${experimentName}/${name}`;

/** The id of the run that a person means. */
export const pickRun = (rows: readonly RunRow[], wanted: string): string => {
  const runs = rows.map((row) => ({ id: row.id, name: runName(row) }));
  return pick(runs, wanted, 'run', 'nora experiment status EXPERIMENT shows its runs').id;
};

/** What can be exported: a run goes by its id or `experiment/configuration`, an imported adapter by its id or name. */
export const pickExported = (
  rows: readonly RunRow[],
  importedAdapters: readonly Adapter[],
  wanted: string,
): { runId: string } | { adapterId: string } => {
  const runs = rows.map((row) => ({ id: row.id, name: runName(row), subject: { runId: row.id } }));
  const imported = importedAdapters.map(({ id, name }) => ({ id, name, subject: { adapterId: id } }));
  const hint = 'nora experiment status EXPERIMENT and nora adapter list show what there is';
  return pick([...runs, ...imported], wanted, 'run or imported adapter', hint).subject;
};
