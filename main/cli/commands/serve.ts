import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loginUrl, startServer } from '../../api/http-transport.ts';
import type { RunningServer, ServerOptions } from '../../api/http-transport.ts';
import { codeMinutes, newLoginKey } from '../../api/login-codes.ts';
import { tellRefusals } from '../../api/refusal-log.ts';
import { isLoopback } from '../../api/request-guard.ts';
import { readServerCertificate, type ServerCertificate } from '../../api/server-certificate.ts';
import { findServing, forgetServing, tellServing } from '../../api/serving-file.ts';
import { givenToken, keptToken, newToken, type KeptToken } from '../../api/token-file.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { addCommand, type Outcome } from '../command.ts';
import type { Workbench } from '../../services/workbench.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { untilInterrupted } from '../interrupts.ts';
import { wholeNumber } from '../numbers.ts';
import { onEnter } from '../on-enter.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { removeOpeningPage, writeOpeningPage } from '../opening-page.ts';
import { leftAloneText, pausingText } from '../pausing-text.ts';

interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly allowNetwork?: true;
  readonly certificate?: string;
  readonly key?: string;
  readonly tokenFile?: string;
  readonly newToken?: true;
  readonly login?: true;
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
      '--allow-network': 'let other machines in, by TLS: with --host, --certificate and --key',
      '--certificate <file>':
        'what the server proves itself with (PEM), made out for the name that browsers use',
      '--key <file>': 'its private key (PEM)',
      '--token-file <file>':
        'where the token of programs is (or in NORA_TOKEN); otherwise one that the data directory keeps',
      '--new-token': 'make that one anew: pages that are open are signed out',
      '--login': 'print an address that signs in one more browser to the server that runs, and end',
      '--open': 'open it in the browser',
      '--folder <folders...>':
        'folders that browsers may look into, read from and write to, beside the data directory and, without --allow-network, your home',
    },
    workbench: ({ folder = [], allowNetwork = false }) => ({
      folders: folder.map(shownFolder),
      hidesHome: allowNetwork, // what other machines may look into is said folder by folder
    }),
    run: async ({ confinedRouter: router, progress, say, workbench }, options) => {
      const { dataDirectory } = workbench;
      if (options.login === true) {
        const { url, loginKey } = findServing(dataDirectory);
        return loginOutcome(loginUrl(url, loginKey));
      }
      const { host = '127.0.0.1' } = options;
      const certificate = readCertificate(options, host);
      const { token, replaced } = tokenOf(options, workbench);
      if (replaced !== null) progress.note(`${replaced}: a new token was made.`);

      const loginKey = newLoginKey();
      const pages = workbench.viewing === null ? dataDirectory : mkdtempSync(join(tmpdir(), 'nora-serve-'));
      const closePage = (): void => removeOpeningPage(pages);
      const onLogin = (): void => {
        workbench.log.write('info', 'a browser signed in');
        closePage();
      };
      const onRefusal = tellRefusals((text) => workbench.log.write('warning', text));
      const server = await start(
        { router, rendererDirectory, host, token, loginKey, onLogin, onRefusal, certificate },
        wholeNumber(options.port, '--port', 65_535),
      );
      const { url, port } = server;
      workbench.log.write('info', `serving at ${url}`);
      if (workbench.viewing === null) tellServing(dataDirectory, { url, pid: process.pid, loginKey });
      const interrupted = untilInterrupted(leftAloneText); // before anybody is told that it runs
      const address = server.makeLoginUrl();
      say({
        document: { url, loginUrl: address, port, token },
        text: `The workbench is at ${address}\n${onceText}\nCtrl-C ends it.`,
      });
      if (!isLoopback(host)) progress.note(`Other machines reach it at ${host}, by TLS.`);
      onEnter(() => say(loginOutcome(server.makeLoginUrl())));
      if (options.open === true) {
        openInBrowser(writeOpeningPage(pages, server.makeLoginUrl()));
        setTimeout(closePage, codeMinutes * 60_000).unref();
      }
      await interrupted;
      progress.note(pausingText(workbench.stopsAfter()));
      closePage();
      if (pages !== dataDirectory) rmSync(pages, { recursive: true, force: true });
      else forgetServing(dataDirectory, { loginKey });
      await server.close();
      workbench.log.write('info', 'serving ended');
      return null;
    },
  });

const onceText = `The address signs in one browser, once, within ${codeMinutes} minutes. Enter, or nora serve --login, makes another.`;

const loginOutcome = (address: string): Outcome => ({
  document: { loginUrl: address },
  text: `${address}\nIt signs in one browser, once, within ${codeMinutes} minutes.`,
});

const tokenOf = (
  { tokenFile, newToken: makeNew }: ServeOptions,
  { dataDirectory, viewing }: Pick<Workbench, 'dataDirectory' | 'viewing'>,
): KeptToken => {
  const fromEnvironment = process.env['NORA_TOKEN'];
  delete process.env['NORA_TOKEN']; // no trainer need know it
  const token = tokenFile === undefined ? fromEnvironment : givenToken(givenPath(tokenFile, '--token-file'));
  if (token === undefined) {
    // Where nothing can be written, one that lasts as long as this server.
    if (viewing !== null) return { token: newToken(), replaced: null };
    return keptToken(dataDirectory, { makeNew: makeNew === true });
  }
  if (makeNew === true)
    throw invalidInput(
      '--new-token: is for the token that the data directory keeps, not for one that is given',
    );
  return { token, replaced: null };
};

/** Other machines are let in where all of it is asked for, and each thing that is missing has its name. */
const readCertificate = (
  { allowNetwork, certificate, key }: ServeOptions,
  host: string,
): ServerCertificate | undefined => {
  if (!isLoopback(host) && allowNetwork !== true)
    throw invalidInput(
      `--host: ${host} is open to other machines: add --allow-network, --certificate and --key, or reach this machine by ssh -L`,
    );
  if (certificate === undefined && key === undefined) {
    if (!isLoopback(host))
      throw invalidInput(
        '--allow-network: takes --certificate and --key; nothing goes over a network in plain',
      );
    return undefined;
  }
  if (certificate === undefined) throw invalidInput('--key: belongs to a --certificate');
  if (key === undefined) throw invalidInput('--certificate: takes its --key');
  return readServerCertificate(givenPath(certificate, '--certificate'), givenPath(key, '--key'));
};

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
