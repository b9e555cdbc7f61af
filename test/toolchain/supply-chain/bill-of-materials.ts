import type { LockedPackage, Project } from './locked-packages.ts';
import { cratesIn, keyOf, spdxOf, type CrateLicences, type LockedCrate } from './check-crates.ts';
import { licenceOf } from './check-licences.ts';
import { shippedPackages } from './shipped-packages.ts';

/**
 * What the app is made of, as CycloneDX 1.6 JSON has it. The same packages give the same text, byte for byte.
 * @param cargoLock of the addon, with what builds it
 */
export const billOfMaterials = (project: Project, cargoLock: string, crateLicences: CrateLicences) => {
  const licenceOfCrate = (crate: LockedCrate): string | undefined => {
    const license = crateLicences[keyOf(crate)];
    return license === undefined ? undefined : spdxOf(license);
  };
  const { name, version, license } = project.manifest;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': `${name}@${version}`,
        name,
        version,
        licenses: licencesOf(license),
      },
    },
    components: [
      ...shippedPackages(project).map((one) => ({
        type: 'library',
        'bom-ref': one.place.replaceAll('node_modules/', ''),
        name: one.name,
        version: one.locked.version,
        purl: `pkg:npm/${one.name.replace('@', '%40')}@${one.locked.version}`,
        licenses: licencesOf(licenceOf(one)),
        hashes: hashesOf(one.locked),
      })),
      ...cratesIn(cargoLock).map((crate) => ({
        type: 'library',
        'bom-ref': `cargo:${keyOf(crate)}`,
        name: crate.name,
        version: crate.version,
        purl: `pkg:cargo/${keyOf(crate)}`,
        licenses: licencesOf(licenceOfCrate(crate)),
        hashes: [{ alg: 'SHA-256', content: crate.checksum }],
      })),
    ],
  };
};

const licencesOf = (license: string | undefined) => {
  if (license === undefined) return [];
  return license.includes(' ')
    ? [{ expression: license.replace(/^\(([^()]*)\)$/, '$1') }]
    : [{ license: { id: license } }];
};

/** Of the package as the registry has it. */
const hashesOf = ({ integrity }: LockedPackage) => {
  const [, base64] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  return base64 === undefined
    ? []
    : [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }];
};
