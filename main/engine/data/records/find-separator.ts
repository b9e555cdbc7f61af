import { invalidInput, WorkbenchError } from '../../errors.ts';
import { separatorNames, separators, type SeparatorName } from './separators.ts';
import { fieldsOf } from './csv-fields.ts';

/**
 * The separator under which header and rows have the same number of fields, more than one. Where the header can't be divided at all there
 * is a single column, and a comma does no harm.
 * @param header without the line break
 * @param rows some of those that follow
 * @param place file and line of the header, for errors
 * @throws WorkbenchError where it could be one or the other
 */
export const findSeparator = (header: string, rows: readonly string[], place: string): SeparatorName => {
  const dividing = separatorNames.filter((name) => (countFields(header, name) ?? 0) > 1);
  const [only = 'comma', ...others] = dividing;
  if (others.length === 0) return only;
  const [fit, ...alsoFit] = dividing.filter((name) =>
    rows.every((row) => countFields(row, name) === countFields(header, name)),
  );
  if (fit !== undefined && alsoFit.length === 0) return fit;
  throw invalidInput(
    `${place}: the columns could be separated by ${dividing.join(' or by ')}; say by which (the separator setting)`,
  );
};

/** Undefined where quotes stand where none may be. */
const countFields = (record: string, name: SeparatorName): number | undefined => {
  try {
    return fieldsOf(record, separators[name], '').length;
  } catch (error) {
    if (error instanceof WorkbenchError) return undefined;
    throw error;
  }
};

const separatorLine = /^(?:sep=(.)|"sep=(.)")$/i;

/**
 * What a first line says in the way of Excel, `sep=;`. Undefined where it is none.
 * @throws WorkbenchError for a separator that nobody uses
 */
export const readSeparatorLine = (line: string, place: string): SeparatorName | undefined => {
  const [, plain, quoted] = separatorLine.exec(line) ?? [];
  const said = plain ?? quoted;
  if (said === undefined) return undefined;
  const name = separatorNames.find((each) => separators[each] === said);
  if (name === undefined)
    throw new WorkbenchError(
      'unsupported',
      `${place}: the separator "${said}"; it can be ${separatorNames.join(', ')}`,
    );
  return name;
};
