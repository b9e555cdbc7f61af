import { nameAt, type LockedPackage, type Lockfile, type Project } from './locked-packages.ts';

/** Those of the development dependencies that are built into the app. */
export const bundledPackages = [
  '@fontsource-variable/inter',
  'bits-ui',
  'electron',
  'svelte',
  'uplot',
] as const;

/** Electron's own dependencies fetch its binary, and are no part of the app. */
const withoutOwn: ReadonlySet<string> = new Set(['electron']);

export interface ShippedPackage {
  readonly name: string;
  readonly place: string;
  readonly locked: LockedPackage;
}

/** What runs on a person's machine: the run-time packages, what is bundled into the window, and what those need. By place. */
export const shippedPackages = ({ manifest, lock }: Project): ShippedPackage[] => {
  const found = new Map<string, LockedPackage>();
  const visit = (place: string): void => {
    const locked = lock.packages[place];
    if (locked === undefined || found.has(place)) return;
    found.set(place, locked);
    if (withoutOwn.has(nameAt(place))) return;
    for (const name of Object.keys({ ...locked.dependencies, ...locked.optionalDependencies })) {
      const needed = resolvePlace(lock, place, name);
      if (needed !== null) visit(needed);
    }
  };
  for (const name of [...Object.keys(manifest.dependencies), ...bundledPackages])
    visit(`node_modules/${name}`);
  return [...found]
    .map(([place, locked]) => ({ name: nameAt(place), place, locked }))
    .toSorted((one, other) => (one.place < other.place ? -1 : 1));
};

/** As Node looks for a package: in the one that asks, then in those around it. Null for an optional one of another system. */
const resolvePlace = (lock: Lockfile, from: string, name: string): string | null => {
  const around = from.split('/node_modules/');
  const places = around.map((_, inner) =>
    [...around.slice(0, around.length - inner), name].join('/node_modules/'),
  );
  return [...places, `node_modules/${name}`].find((place) => lock.packages[place] !== undefined) ?? null;
};
