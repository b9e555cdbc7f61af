import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { startServer } from '../../api/http-transport.ts';
import type { RunningServer, ServerOptions } from '../../api/http-transport.ts';
import { isLoopback } from '../../api/request-guard.ts';
import { keptToken } from '../../api/token-file.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { untilInterrupted } from '../interrupts.ts';
import { wholeNumber } from '../numbers.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { leftAloneText, pausingText } from '../pausing-text.ts';

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly token?: string;
  readonly newToken?: true;
  readonly open?: true;
  readonly folder?: readonly string[];
}

const usualPort = 7860;
const rendererDirectory = join(import.meta.dirname, '../../../out/renderer');

export const addServeCommand = (program: Command): void =>
  addCommand<ServeOptions>(program, {
    usage: 'serve',
    description: 'the workbench in a browser, until Ctrl-C',
    options: {
      '--port <port>': `where to listen; ${usualPort} or, where that is taken, a free one otherwise`,
      '--host <address>': 'on which address; 127.0.0.1 otherwise, which only this machine reaches',
      '--token <token>':
        'what a browser must bring (NORA_TOKEN); otherwise one that the data directory keeps',
      '--new-token': 'make that one anew: pages that are open are signed out',
      '--open': 'open it in the browser',
      '--folder <folders...>':
        'folders that can be looked into from the browser, beside your home and the data directory',
    },
    workbench: ({ folder = [] }) => ({ folders: folder.map(shownFolder) }),
    run: async (
      { router, progress, say, workbench },
      { port, host = '127.0.0.1', token: given = process.env['NORA_TOKEN'], newToken = false, open },
    ) => {
      if (newToken && given !== undefined)
        throw invalidInput(
          '--new-token: is for the token that the data directory keeps, not for one that is given',
        );
      const { token, replaced } =
        given === undefined
          ? keptToken(workbench.dataDirectory, { makeNew: newToken })
          : { token: given, replaced: null };
      if (replaced !== null) progress.note(`${replaced}: a new token was made.`);
      const server = await start(
        { router, rendererDirectory, host, token },
        wholeNumber(port, '--port', 65_535),
      );
      if (!isLoopback(host)) {
        progress.note(
          `Anyone who can reach ${host} and has the token can use this workbench, over an unencrypted connection.`,
        );
      }
      const { url, loginUrl } = server;
      say({
        document: { url, loginUrl, port: server.port, token: server.token },
        text: `The workbench is at ${loginUrl}\nCtrl-C ends it.`,
      });
      if (open === true) openInBrowser(loginUrl);
      await untilInterrupted(leftAloneText);
      progress.note(pausingText(workbench.stopsAfter()));
      await server.close();
      return null;
    },
  });

/** A folder that is not there would be missing from the window without a word. */
const shownFolder = (given: string): string => {
  const path = givenPath(given, '--folder');
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  throw new WorkbenchError('not-found', `--folder: ${path}: no such folder`);
};

const start = async (options: ServerOptions, port: number | undefined): Promise<RunningServer> => {
  if (port !== undefined) return startServer({ ...options, port });
  try {
    return await startServer({ ...options, port: usualPort });
  } catch (error) {
    if (error instanceof WorkbenchError && error.code === 'conflict')
      return startServer({ ...options, port: 0 });
    throw error;
  }
};
