import { linkSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { WorkbenchError } from '../errors.ts';
import type { Graph, Initializer } from '../graph/graph.ts';

/** A graph whose file initializers name files inside one folder, as ONNX Runtime wants them. */
export interface ExternalWeights {
  readonly graph: Graph;
  /** undefined where no initializer is in a file. */
  readonly folder: string | undefined;
  /** Removes what was made for the session's creation. */
  readonly dispose: () => void;
}

const inFile = ({ source }: Initializer): boolean => source.kind === 'file';

/** The graph with each file replaced by what `name` gives for its real path. */
const renameFiles = (graph: Graph, name: (file: string) => string): Graph => ({
  ...graph,
  initializers: graph.initializers.map((initializer) =>
    initializer.source.kind === 'file'
      ? { ...initializer, source: { ...initializer.source, file: name(initializer.source.file) } }
      : initializer,
  ),
});

/**
 * ONNX Runtime takes external weights from below one folder only, and refuses symbolic links and paths out of it. A model folder
 * may well be made of links (the Hugging Face cache is), so real paths are used, from the folder that holds them all: nothing is written beside
 * a person's files. Where none does (two drives of Windows), hard links in a folder beside the first one bring them together, without a copy.
 */
export const externalWeights = (graph: Graph): ExternalWeights => {
  const files = new Map<string, string>();
  for (const { source } of graph.initializers.filter(inFile))
    if (source.kind === 'file' && !files.has(source.file)) files.set(source.file, realpathSync(source.file));
  const real = [...new Set(files.values())];
  const realName = (file: string): string => files.get(file) as string;
  const shared = commonFolder(real);
  if (shared !== null)
    return {
      graph: renameFiles(graph, (file) => relative(shared, realName(file)).replaceAll(sep, '/')),
      folder: real.length === 0 ? undefined : shared,
      dispose: () => undefined,
    };

  const linkName = new Map(real.map((file, index) => [file, `weights-${index}`]));
  const folder = linkTogether(linkName);
  return {
    graph: renameFiles(graph, (file) => linkName.get(realName(file)) as string),
    folder,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** The nearest folder that holds all files; null where there is none. */
const commonFolder = (files: readonly string[]): string | null => {
  const holds = (folder: string): boolean =>
    files.every((file) => file.startsWith(folder.endsWith(sep) ? folder : folder + sep));
  let folder = dirname(files[0] ?? sep);
  while (!holds(folder)) {
    const above = dirname(folder);
    if (above === folder) return null;
    folder = above;
  }
  return folder;
};

/** Hard links to files of several folders, in a new folder beside the first one. */
const linkTogether = (names: ReadonlyMap<string, string>): string => {
  const [first] = names.keys();
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(dirname(first as string), '.nora-weights-'));
    for (const [file, name] of names) linkSync(file, join(folder, name));
    return folder;
  } catch (error) {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    throw new WorkbenchError(
      'unsupported',
      `${dirname(first as string)}: the model's weights lie in several folders and cannot be linked together here (${(error as Error).message}); copy the model into one folder`,
      { cause: error },
    );
  }
};
