import type { Session, WebContents } from 'electron';
import type { ElectronApi } from './electron-api.ts';
import { appOrigin } from './protocol.ts';

/** Where a link may lead, in the person's own browser: papers, models, and the project itself. */
const externalHosts: ReadonlySet<string> = new Set([
  'arxiv.org',
  'github.com',
  'huggingface.co',
  'onnxruntime.ai',
]);

export const isExternalAllowed = (address: string): boolean => {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.protocol === 'https:' && url.port === '' && url.username === '' && externalHosts.has(url.hostname)
  );
};

export const isOwnPage = (address: string): boolean => address.startsWith(`${appOrigin}/`);

/** Keeps a window on the workbench's own page and opens no others. */
export const guardNavigation = (
  contents: WebContents,
  shell: Pick<ElectronApi['shell'], 'openExternal'>,
): void => {
  contents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isExternalAllowed(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
};

/** Camera, location, USB and the rest: the workbench uses none of them. */
export const denyPermissions = (session: Session): void => {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
};
