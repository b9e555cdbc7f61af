/**
 * `npm run supply-chain`: whether the lockfile can bring only what was looked at, what the registry knows of holes in what is shipped, and under which
 * licences that is, the addon's crates among it. `--sbom FILE` writes what the app is made of, as CycloneDX JSON.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileWhole } from '../../../main/engine/formats/atomic-file.ts';
import { root } from '../../support/paths.ts';
import { askAudit } from './ask-audit.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { cratesIn, crateProblems, fetchedLicence, readCrateLicences } from './check-crates.ts';
import { licenceProblems } from './check-licences.ts';
import { lockfileProblems } from './check-lockfile.ts';
import { readProject } from './locked-packages.ts';
import { shippedPackages } from './shipped-packages.ts';

const { values } = parseArgs({ options: { sbom: { type: 'string' }, 'no-audit': { type: 'boolean' } } });
const project = readProject(root);
const shipped = shippedPackages(project);

const cargoLock = readFileSync(join(root, 'native/Cargo.lock'), 'utf8').replaceAll('\r\n', '\n');
const crateLicences = readCrateLicences();

const problems = [
  ...lockfileProblems(project),
  ...licenceProblems(project),
  ...crateProblems(cargoLock, crateLicences),
];
console.log(
  `${Object.keys(project.lock.packages).length - 1} packages are locked, ${shipped.length} of them are shipped.`,
);
const crates = cratesIn(cargoLock);
const read = crates.filter((crate) => fetchedLicence(crate) !== undefined).length;
console.log(`${crates.length} crates are locked; the licences of ${read} were read in their own Cargo.toml.`);

if (values['no-audit'] !== true) {
  const audit = askAudit(root);
  if ('unanswered' in audit) console.log(`Holes: not asked for, ${audit.unanswered}.`);
  else {
    const names = new Set(shipped.map(({ name }) => name));
    const ofShipped = audit.known.filter(({ name }) => names.has(name));
    console.log(
      `Holes that the registry knows: ${ofShipped.length} in what is shipped, ${audit.known.length - ofShipped.length} in tools.`,
    );
    for (const { name, told } of audit.known) console.log(`  ${name} ${told}`);
    problems.push(...ofShipped.map(({ name, told }) => `${name}: has a known hole (${told})`));
  }
}

if (values.sbom !== undefined) {
  const file = resolve(values.sbom);
  mkdirSync(dirname(file), { recursive: true });
  writeFileWhole(file, `${JSON.stringify(billOfMaterials(project, cargoLock, crateLicences), null, 2)}\n`);
  console.log(`What the app is made of: ${file}`);
}

for (const problem of problems) console.error(`error: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
