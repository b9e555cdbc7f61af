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

/**
 * The LGPL asks for more: its text beside the app, and that the library can be exchanged for another build. So it is accepted by package, where both
 * hold: these bring libvips as a library of its own, which lies outside the asar (test/toolchain/packaging.test.ts).
 */
const exchangeable = { licence: 'LGPL-3.0-or-later', packages: /^@img\/sharp-/ } as const;

/** Said in a file of the package and not in its package.json, so that the lockfile has none: read by a person, of that version. */
export const readLicences: Readonly<Record<string, string>> = { 'svelte-toolbelt@0.10.7': 'MIT' };

/** As SPDX writes it; undefined where a package says none. */
export const licenceOf = ({ name, locked }: Pick<ShippedPackage, 'name' | 'locked'>): string | undefined =>
  locked.license ?? readLicences[`${name}@${locked.version}`];

/**
 * An SPDX expression of one licence, of several of which one may be chosen, or of several that hold at once.
 * @param name of the package
 */
export const isAccepted = (expression: string, name: string): boolean => {
  const may = (licence: string): boolean =>
    accepted.has(licence) || (licence === exchangeable.licence && exchangeable.packages.test(name));
  const whole = expression.replace(/^\(([^()]*)\)$/, '$1');
  // With brackets, what holds at once stands outside of them: (MIT OR Apache-2.0) AND Unicode-3.0.
  if (whole.includes('(')) return whole.split(' AND ').every((part) => isAccepted(part, name));
  return whole.split(' OR ').some((one) => one.split(' AND ').every(may));
};

/** Shipped packages whose licence asks for more, or is not said. */
export const licenceProblems = (project: Project): string[] =>
  shippedPackages(project).flatMap((one) => {
    const license = licenceOf(one);
    const told = `${one.name} ${one.locked.version}`;
    if (license === undefined) return [`${told}: says no licence`];
    return isAccepted(license, one.name)
      ? []
      : [`${told}: ${license} is not among the licences that are shipped`];
  });
