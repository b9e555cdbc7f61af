import type { Project } from './locked-packages.ts';

const registry = 'https://registry.npmjs.org/';

/** What is wrong with the lockfile, each in a line; nothing where an install can bring only what was looked at. */
export const lockfileProblems = ({ manifest, lock }: Project): string[] => {
  const problems: string[] = [];
  if (lock.lockfileVersion !== 3)
    problems.push(
      `package-lock.json: is of version ${lock.lockfileVersion}, expected 3: write it with npm 10 or newer`,
    );
  for (const [name, wanted] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const locked = lock.packages[`node_modules/${name}`]?.version;
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted))
      problems.push(`package.json: ${name}: "${wanted}" is no exact version`);
    else if (locked !== wanted)
      problems.push(
        `package-lock.json: ${name}: is ${locked ?? 'absent'}, package.json has ${wanted}: run npm install`,
      );
  }
  for (const [place, { integrity, resolved, link, hasInstallScript }] of Object.entries(lock.packages)) {
    if (place === '') continue;
    if (link === true) problems.push(`package-lock.json: ${place}: is a link to a folder`);
    if (!integrity?.startsWith('sha512-')) problems.push(`package-lock.json: ${place}: has no SHA-512`);
    if (resolved !== undefined && !resolved.startsWith(registry))
      problems.push(`package-lock.json: ${place}: comes from ${resolved}, not from ${registry}`);
    const name = place.slice('node_modules/'.length);
    if (hasInstallScript === true && !Object.hasOwn(manifest.allowScripts, name))
      problems.push(`package.json: allowScripts: says nothing of ${name}, which has an install script`);
  }
  return problems;
};
