import type { Project } from './locked-packages.ts';
import { shippedPackages, type ShippedPackage } from './shipped-packages.ts';

/** Licences under which a package may be handed on beside Apache-2.0, with its notice and nothing more. */
const accepted: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'OFL-1.1',
  'Unicode-3.0',
]);

/** Said in a file of the package and not in its package.json, so that the lockfile has none: read by a person, of that version. */
export const readLicences: Readonly<Record<string, string>> = { 'svelte-toolbelt@0.10.7': 'MIT' };

/** As SPDX writes it; undefined where a package says none. */
export const licenceOf = ({ name, locked }: Pick<ShippedPackage, 'name' | 'locked'>): string | undefined =>
  locked.license ?? readLicences[`${name}@${locked.version}`];

/** An SPDX expression of one licence, of several of which one may be chosen, or of several such that hold together: `(MIT OR Apache-2.0) AND ISC`. */
export const isAccepted = (expression: string): boolean =>
  expression.split(' AND ').every((part) =>
    part
      .replace(/^\(|\)$/g, '')
      .split(' OR ')
      .some((one) => accepted.has(one)),
  );

/** Shipped packages whose licence asks for more, or is not said. */
export const licenceProblems = (project: Project): string[] =>
  shippedPackages(project).flatMap((one) => {
    const license = licenceOf(one);
    const told = `${one.name} ${one.locked.version}`;
    if (license === undefined) return [`${told}: says no licence`];
    return isAccepted(license) ? [] : [`${told}: ${license} is not among the licences that are shipped`];
  });
