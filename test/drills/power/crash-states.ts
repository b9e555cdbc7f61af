import { folderOf, type Operation, type Recording } from './record-operations.ts';

/** A file by its bytes, a folder by null; by path. */
export type Disk = ReadonlyMap<string, Buffer | null>;

/** What a disk may hold after the power fails. */
export interface CrashState {
  readonly disk: Disk;
  /** What the program had told others before. */
  readonly marks: readonly string[];
  /** For a person who looks for the fault. */
  readonly how: string;
}

type Naming = Extract<Operation, { kind: 'create' | 'make-folder' | 'rename' | 'link' | 'remove' }>;
type Change = Extract<Operation, { kind: 'write' | 'truncate' }>;

const isNaming = (operation: Operation): operation is Naming =>
  ['create', 'make-folder', 'rename', 'link', 'remove'].includes(operation.kind);
const isChange = (operation: Operation): operation is Change =>
  operation.kind === 'write' || operation.kind === 'truncate';

const newNameOf = (operation: Naming): string | undefined => {
  if (operation.kind === 'remove') return undefined;
  return 'path' in operation ? operation.path : operation.to;
};

/** The folders whose own synchronisation makes a change of names last. */
const foldersOf = (operation: Naming): string[] =>
  operation.kind === 'rename'
    ? [folderOf(operation.to)]
    : [folderOf(operation.kind === 'link' ? operation.to : operation.path)];

/**
 * Which operations, of the first `count`, are sure to be on the disk: contents by a synchronisation of their file, names by one of their folder,
 * as POSIX has it and no file system promises less.
 */
const sureOf = (operations: readonly Operation[], count: number): Set<number> => {
  /** A name that lasts has something behind it: what made the thing that it was given to is on the disk as well. */
  const add = (at: number): void => {
    sure.add(at);
    const operation = operations[at]!;
    if (operation.kind !== 'rename' && operation.kind !== 'link') return;
    const source = operations.findLastIndex(
      (earlier, index) => index < at && isNaming(earlier) && newNameOf(earlier) === operation.from,
    );
    if (source !== -1 && !sure.has(source)) add(source);
  };
  const sure = new Set<number>();
  for (let at = 0; at < count; at++) {
    const operation = operations[at]!;
    for (let before = 0; before < at; before++) {
      const earlier = operations[before]!;
      if (operation.kind === 'sync' && isChange(earlier) && earlier.file === operation.file) add(before);
      if (
        operation.kind === 'sync-folder' &&
        isNaming(earlier) &&
        foldersOf(earlier).includes(operation.path)
      )
        add(before);
    }
  }
  return sure;
};

/** How contents that were not synchronised may be found. */
const contents = {
  'as written': (change: Change) => change,
  'not written': () => undefined,
  'half written': (change: Change) =>
    change.kind === 'write'
      ? { ...change, bytes: change.bytes.subarray(0, Math.floor(change.bytes.length / 2)) }
      : undefined,
  // The new size may be kept before the new contents are.
  'zeros of that length': (change: Change) =>
    change.kind === 'write' ? { ...change, bytes: Buffer.alloc(change.bytes.length) } : change,
} satisfies Record<string, (change: Change) => Change | undefined>;

/** Choices of what happened of changes of names that were not synchronised: each prefix, each alone, all but each. */
const choicesOf = (unsure: readonly number[]): Set<number>[] => {
  const choices = new Map<string, Set<number>>();
  const add = (chosen: readonly number[]): void => void choices.set(chosen.join(), new Set(chosen));
  for (let length = 0; length <= unsure.length; length++) add(unsure.slice(0, length));
  for (const one of unsure) {
    add([one]);
    add(unsure.filter((other) => other !== one));
  }
  return [...choices.values()];
};

/** Every state that the disk may be in when the power fails before, between or after the operations. */
export function* crashStates(recording: Recording): Generator<CrashState> {
  const { operations } = recording;
  for (let count = 0; count <= operations.length; count++) {
    const sure = sureOf(operations, count);
    const first = operations.slice(0, count);
    const marks = first.flatMap((operation) => (operation.kind === 'mark' ? [operation.name] : []));
    const unsure = first.flatMap((operation, at) => (isNaming(operation) && !sure.has(at) ? [at] : []));
    const hasLooseContents = first.some((operation, at) => isChange(operation) && !sure.has(at));
    const kinds = hasLooseContents
      ? (Object.keys(contents) as (keyof typeof contents)[])
      : (['as written'] as const);
    for (const chosen of choicesOf(unsure))
      for (const kind of kinds) {
        const done = first.flatMap((operation, at): Operation[] => {
          if (sure.has(at)) return [operation];
          if (isNaming(operation)) return chosen.has(at) ? [operation] : [];
          if (!isChange(operation)) return [];
          const change = contents[kind](operation);
          return change === undefined ? [] : [change];
        });
        const names = unsure.map(
          (at) => `${chosen.has(at) ? '' : 'not '}${describe(operations[at] as Naming)}`,
        );
        yield {
          disk: diskAfter(recording, done),
          marks,
          how: `after ${count} of ${operations.length} operations, contents ${kind}; ${names.join(', ') || 'all names sure'}`,
        };
      }
  }
}

const describe = (operation: Naming): string =>
  'path' in operation
    ? `${operation.kind} ${operation.path}`
    : `${operation.kind} ${operation.from} to ${operation.to}`;

/** What is impossible where something before it did not happen does not happen either. */
const diskAfter = (
  { names: namesBefore, contents: contentsBefore }: Recording,
  operations: readonly Operation[],
): Disk => {
  const names = new Map(namesBefore);
  const bytes = new Map(contentsBefore);
  const hasFolder = (path: string): boolean => path === '' || names.get(path) === null;
  const below = (path: string): string[] =>
    [...names.keys()].filter((one) => one === path || one.startsWith(`${path}/`));

  for (const operation of operations) {
    switch (operation.kind) {
      case 'create':
        if (hasFolder(folderOf(operation.path))) names.set(operation.path, operation.file);
        break;
      case 'make-folder':
        if (hasFolder(folderOf(operation.path)) && !names.has(operation.path))
          names.set(operation.path, null);
        break;
      case 'link': {
        const file = names.get(operation.from);
        if (file !== undefined && hasFolder(folderOf(operation.to))) names.set(operation.to, file);
        break;
      }
      case 'rename': {
        if (!names.has(operation.from) || !hasFolder(folderOf(operation.to))) break;
        const moved = below(operation.from).map((path) => [path, names.get(path)!] as const);
        for (const [path] of moved) names.delete(path);
        for (const path of below(operation.to)) names.delete(path);
        for (const [path, file] of moved) names.set(operation.to + path.slice(operation.from.length), file);
        break;
      }
      case 'remove':
        if (below(operation.path).length <= 1) names.delete(operation.path);
        break;
      case 'write': {
        const old = bytes.get(operation.file) ?? Buffer.alloc(0);
        const content = Buffer.alloc(Math.max(old.length, operation.offset + operation.bytes.length));
        old.copy(content);
        operation.bytes.copy(content, operation.offset);
        bytes.set(operation.file, content);
        break;
      }
      case 'truncate':
        bytes.set(
          operation.file,
          (bytes.get(operation.file) ?? Buffer.alloc(0)).subarray(0, operation.length),
        );
        break;
      default:
        break;
    }
  }
  return new Map(
    [...names].map(([path, file]) => [path, file === null ? null : (bytes.get(file) ?? Buffer.alloc(0))]),
  );
};
