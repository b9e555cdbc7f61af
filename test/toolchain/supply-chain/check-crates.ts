import { existsSync, globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAccepted } from './check-licences.ts';

export interface LockedCrate {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the crate as the registry has it. */
  readonly checksum: string;
}

/** Those of a registry: the addon itself has no checksum. */
export const cratesIn = (cargoLock: string): LockedCrate[] =>
  [...cargoLock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"/g)].map(
    ([, name, version, checksum]) => ({ name: name!, version: version!, checksum: checksum! }),
  );

/** Licences by `name@version`, as the crates' own Cargo.toml have them: Cargo.lock has none. */
export type CrateLicences = Readonly<Record<string, string>>;

const table = join(import.meta.dirname, 'crate-licences.json');

export const readCrateLicences = (): CrateLicences =>
  JSON.parse(readFileSync(table, 'utf8')) as CrateLicences;

export const keyOf = ({ name, version }: LockedCrate): string => `${name}@${version}`;

/** What a crate's own Cargo.toml says, where cargo has fetched it; undefined where it has not. */
export const fetchedLicence = (
  { name, version }: LockedCrate,
  cargoHome = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo'),
): string | undefined => {
  const sources = join(cargoHome, 'registry/src');
  if (!existsSync(sources)) return undefined;
  const [file] = globSync(`*/${name}-${version}/Cargo.toml`, { cwd: sources });
  if (file === undefined) return undefined;
  return /^license = "(.+)"$/m.exec(readFileSync(join(sources, file), 'utf8'))?.[1] ?? 'none';
};

/** Crates of the addon whose licence asks for more than is shipped, is not known, or is not what the crate itself says. */
export const crateProblems = (
  cargoLock: string,
  licences: CrateLicences,
  fetched: (crate: LockedCrate) => string | undefined = fetchedLicence,
): string[] => {
  const crates = cratesIn(cargoLock);
  const locked = new Set(crates.map(keyOf));
  const gone = Object.keys(licences).filter((key) => !locked.has(key));
  return [
    ...crates.flatMap((crate) => problemsOf(crate, licences[keyOf(crate)], fetched(crate))),
    ...gone.map((key) => `crate-licences.json: ${key}: is not in native/Cargo.lock any more`),
  ];
};

const problemsOf = (crate: LockedCrate, kept: string | undefined, fetched: string | undefined): string[] => {
  const told = `crate ${crate.name} ${crate.version}`;
  if (kept === undefined)
    return [`${told}: crate-licences.json has no licence of it; its Cargo.toml says ${fetched ?? 'which'}`];
  if (fetched !== undefined && fetched !== kept)
    return [`${told}: its Cargo.toml says ${fetched}, crate-licences.json has ${kept}`];
  return isAccepted(spdxOf(kept), crate.name)
    ? []
    : [`${told}: ${kept} is not among the licences that are shipped`];
};

/** Older crates write a slash where one may be chosen. */
export const spdxOf = (license: string): string => license.replaceAll('/', ' OR ');
