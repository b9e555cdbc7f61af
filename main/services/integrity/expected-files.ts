import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { placeOfFile } from '../../engine/formats/diffusion/checkpoint-name.ts';
import type { Store } from '../../store/store.ts';
import { samplesFolder } from '../../trainer/run/samples/sample-folders.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import type { ExportSummary } from '../../trainer/protocol/protocol.ts';

/** A file whose content is known. */
export interface ExpectedFile {
  readonly path: string;
  readonly sha256: string;
}

/** Files that belong together. */
export interface ExpectedFiles {
  readonly subject: string;
  /** Where they lie; absent where they need not lie together. */
  readonly directory?: string;
  readonly files: readonly ExpectedFile[];
  /** What a person can do where one is other than it was. */
  readonly advice: string;
  /** Whether a person may well have moved or removed all of them. */
  readonly mayBeGone?: boolean;
}

/** Every file outside the database whose hash the library has. Sets of pictures have one for all (`checkPictures`). */
export const expectedFiles = (store: Store, dataDirectory: string): ExpectedFiles[] => [
  ...ofModels(store),
  ...ofDatasets(store),
  ...ofExports(store),
  ...ofRuns(store, dataDirectory),
];

const ofModels = ({ models }: Store): ExpectedFiles[] =>
  models
    .list()
    .filter(({ identity }) => identity !== null)
    .map(({ name, directory, identity }) => ({
      subject: `the model "${name}"`,
      directory,
      files: identity!.map((file) => ({ path: placeOfFile(directory, file.name), sha256: file.sha256 })),
      advice: 'put the files of then back; runs and exports on other files are refused',
    }));

const ofDatasets = ({ datasets }: Store): ExpectedFiles[] =>
  datasets
    .list()
    .filter(({ format }) => format.kind !== 'pictures')
    .map(({ name, trainFile, trainSha256, validationFile, validationSha256 }) => ({
      subject: `the data "${name}"`,
      files: [
        { path: trainFile, sha256: trainSha256 },
        ...(validationFile !== null && validationSha256 !== null
          ? [{ path: validationFile, sha256: validationSha256 }]
          : []),
      ],
      advice: 'put the file of then back, or import it anew; runs on another file are refused',
    }));

/** What runs drew while they trained. */
const ofRuns = ({ runs, runPictures }: Store, dataDirectory: string): ExpectedFiles[] =>
  runPictures.runs().flatMap((id) => {
    const run = runs.find(id);
    const directory = runDirectoryOf(dataDirectory, id);
    if (run === undefined) return [];
    return [
      {
        subject: `the sample pictures of the run ${id}`,
        directory: samplesFolder(directory),
        files: runPictures
          .ofRun(id)
          .flatMap(({ file, sha256 }) =>
            file === null || sha256 === null ? [] : [{ path: join(directory, file), sha256 }],
          ),
        advice: 'restore them from a backup; the run itself needs none of them',
      },
    ];
  });

/** What was written, and the adapters that it was made of. */
const ofExports = ({ exports, adapters }: Store): ExpectedFiles[] =>
  exports.withStatus('completed').flatMap(({ destination, summary, adapterId }) => {
    const certificate = (summary as ExportSummary | null)?.certificate;
    if (certificate === undefined) return [];
    const within = (directory: string, files: readonly { name: string; sha256: string }[]): ExpectedFile[] =>
      files.map(({ name, sha256 }) => ({ path: join(directory, name), sha256 }));
    const adapter = adapters.find(adapterId);
    return [
      {
        subject: `the export in ${destination}`,
        directory: destination,
        files: within(destination, certificate.exported.files),
        advice: 'export it again',
        mayBeGone: true,
      },
      ...(adapter === undefined || !existsSync(adapter.directory)
        ? []
        : [
            {
              subject: `the adapter "${adapter.name}"`,
              directory: adapter.directory,
              files: within(adapter.directory, certificate.adapter.files),
              advice: 'restore it from a backup, or train it again',
            },
          ]),
    ];
  });
