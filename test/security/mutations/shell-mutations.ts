import { mutationsOf, type Mutation } from './mutation.ts';

const window = ['test/shell/window.test.ts'];
const ipc = ['test/shell/ipc.test.ts'];
const files = ['test/shell/protocol.test.ts'];
const policy = ['test/security/policy.test.ts'];

export const shellMutations: readonly Mutation[] = [
  ...mutationsOf('main/shell/window.ts', window, [
    ['a page that reaches the preload', 'contextIsolation: true,', 'contextIsolation: false,'],
    ['a page outside the sandbox', 'sandbox: true,', 'sandbox: false,'],
    ['Node in the page', 'nodeIntegration: false,', 'nodeIntegration: true,'],
    ['Node in workers', 'nodeIntegrationInWorker: false,', 'nodeIntegrationInWorker: true,'],
    ['Node in frames', 'nodeIntegrationInSubFrames: false,', 'nodeIntegrationInSubFrames: true,'],
    ['no same-origin rule', 'webSecurity: true,', 'webSecurity: false,'],
    ['insecure content', 'allowRunningInsecureContent: false,', 'allowRunningInsecureContent: true,'],
    ['webviews', 'webviewTag: false,', 'webviewTag: true,'],
    ['a dropped file that becomes the page', 'navigateOnDragDrop: false,', ''],
    ['dictionaries fetched', 'spellcheck: false, // would fetch dictionaries', ''],
    ['features that are not tried', 'webSecurity: true,', 'webSecurity: true, experimentalFeatures: true,'],
    ['windows that go anywhere', 'guardNavigation(window.webContents, electron.shell);', ''],
  ]),
  ...mutationsOf('main/shell/navigation.ts', window, [
    [
      'leaving the page',
      "contents.on('will-navigate', (event) => {\n    if (!isOwnPage(event.url)) event.preventDefault();\n  });",
      '',
    ],
    [
      'being sent away',
      "contents.on('will-redirect', (event) => {\n    if (!isOwnPage(event.url)) event.preventDefault();\n  });",
      '',
    ],
    ['frames', 'if (!event.isMainFrame || !isOwnPage(event.url)) event.preventDefault();', ''],
    ['webviews attached', "contents.on('will-attach-webview', (event) => event.preventDefault());", ''],
    ['windows opened', "{ action: 'deny' }", "{ action: 'allow' }"],
    ['any address opened outside', 'if (isExternalAllowed(url)) void', 'void'],
    ['addresses that are no https', "url.protocol === 'https:' && ", ''],
    ['other ports of known sites', "url.port === '' && ", ''],
    ['names in front of known sites', "url.username === '' && ", ''],
    [
      'sites that begin as known ones',
      'externalHosts.has(url.hostname)',
      '[...externalHosts].some((host) => url.hostname.startsWith(host))',
    ],
    ['pages that begin as our own', 'address.startsWith(`${appOrigin}/`)', 'address.startsWith(appOrigin)'],
  ]),
  ...mutationsOf(
    'main/shell/navigation.ts',
    ['test/shell/application.test.ts'],
    [
      ['permissions asked for', 'decide(false)', 'decide(true)'],
      [
        'permissions looked up',
        'session.setPermissionCheckHandler(() => false);',
        'session.setPermissionCheckHandler(() => true);',
      ],
      [
        'devices',
        'session.setDevicePermissionHandler(() => false);',
        'session.setDevicePermissionHandler(() => true);',
      ],
    ],
  ),
  ...mutationsOf(
    'main/shell/application.ts',
    ['test/shell/application.test.ts'],
    [['permissions as Electron has them', 'denyPermissions(session.defaultSession);', '']],
  ),
  ...mutationsOf(
    'main/shell/protocol.ts',
    ['test/shell/application.test.ts'],
    [
      ['a scheme past the policy', 'codeCache: true', 'codeCache: true, bypassCSP: true'],
      ['a scheme that other origins read', 'codeCache: true', 'codeCache: true, corsEnabled: true'],
      ['a scheme with service workers', 'codeCache: true', 'codeCache: true, allowServiceWorkers: true'],
      ['a scheme without an origin', 'standard: true, ', ''],
      ['a scheme that is not secure', 'secure: true, ', ''],
    ],
  ),
  ...mutationsOf('main/shell/protocol.ts', policy, [
    ['pages without the policy', "{ ...securityHeaders, 'content-type': type }", "{ 'content-type': type }"],
    [
      'refusals without the policy',
      "{ ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' }",
      "{ 'content-type': 'text/plain; charset=utf-8' }",
    ],
  ]),
  ...mutationsOf('main/shell/protocol.ts', files, [
    ['links out of the folder', 'if (!target.startsWith(root + sep)) throw', 'if (root === "") throw'],
    ['pages of other hosts', 'if (`${url.protocol}//${url.host}` !== appOrigin) return null;', ''],
    ['the way up', " || name.split('/').includes('..')", ''],
    ['anything but GET', "if (request.method !== 'GET') return refusal(405, 'only GET');", ''],
  ]),
  ...mutationsOf('main/shell/ipc.ts', ipc, [
    ['calls of anybody', 'assertOwnFrame(event, channel);', ''],
    ['frames in the page', 'senderFrame.parent === null && ', ''],
    [
      'pages of other origins',
      'senderFrame !== null && senderFrame.parent === null && senderFrame.origin === appOrigin',
      'senderFrame !== null && senderFrame.parent === null',
    ],
    [
      'more parameters',
      'if (parameters.length > 1) throw new Error(`${channel}: one parameter at most`);',
      '',
    ],
    ['fields beside the call', 'const requestSchema = z.strictObject(', 'const requestSchema = z.object('],
  ]),
  ...mutationsOf('main/shell/ipc.ts', ipc, [
    [
      'menus of any form',
      'if (!parsed.success)\n      throw new Error(`${channels.offerCommands}',
      'if (parsed.data === null)\n      throw new Error(`${channels.offerCommands}',
    ],
  ]),
  ...mutationsOf('main/shell/dialogs.ts', ipc, [
    ['dialogs of any kind', 'z\n  .strictObject({', 'z\n  .looseObject({'],
  ]),
  ...mutationsOf(
    'preload/index.ts',
    ['test/preload/preload.test.ts'],
    [
      ['calls that are none', 'isMethodName(method)\n      ?', 'method !== null\n      ?'],
      [
        'Electron’s own events',
        '=> listener(event);',
        '=> (listener as (...all: unknown[]) => void)(event, _);',
      ],
      [
        'Electron itself',
        "contextBridge.exposeInMainWorld('nora', bridge);",
        "contextBridge.exposeInMainWorld('nora', { ...bridge, ipcRenderer });",
      ],
    ],
  ),
  ...mutationsOf('electron-builder.yml', policy, [
    ['the app as a Node', 'runAsNode: false', 'runAsNode: true'],
    ['cookies in plain', 'enableCookieEncryption: true', 'enableCookieEncryption: false'],
    [
      'options of Node from outside',
      'enableNodeOptionsEnvironmentVariable: false',
      'enableNodeOptionsEnvironmentVariable: true',
    ],
    [
      'a debugger from outside',
      'enableNodeCliInspectArguments: false',
      'enableNodeCliInspectArguments: true',
    ],
    [
      'a changed archive',
      'enableEmbeddedAsarIntegrityValidation: true',
      'enableEmbeddedAsarIntegrityValidation: false',
    ],
    ['code beside the archive', 'onlyLoadAppFromAsar: true', 'onlyLoadAppFromAsar: false'],
    [
      'files with powers',
      'grantFileProtocolExtraPrivileges: false',
      'grantFileProtocolExtraPrivileges: true',
    ],
  ]),
];
