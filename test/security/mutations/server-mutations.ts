import { mutationsOf, type Mutation } from './mutation.ts';

const policy = ['test/security/policy.test.ts'];
const door = ['test/security/http-transport.test.ts'];
const confinement = ['test/api/confined-paths.test.ts'];
const log = ['test/services/log/log.test.ts'];
const rights = ['test/store/close-to-others.test.ts'];
const overTls = ['test/api/server-certificate.test.ts'];

export const serverMutations: readonly Mutation[] = [
  ...mutationsOf('main/api/content-security-policy.ts', policy, [
    ['whatever no rule is about is loaded', `"'none'",\n  'script-src'`, `"*",\n  'script-src'`],
    ['inline scripts', `'script-src': "'self'"`, `'script-src': "'self' 'unsafe-inline'"`],
    ['foreign styles', `'style-src': "'self'"`, `'style-src': "'self' https:"`],
    ['foreign pictures', `"'self' data:"`, `"'self' data: https:"`],
    ['foreign fonts', `'font-src': "'self'"`, `'font-src': '*'`],
    ['calls to foreign servers', `'connect-src': "'self'"`, `'connect-src': '*'`],
    ['a foreign base of addresses', `  'base-uri': "'none'",\n`, ''],
    ['forms sent elsewhere', `  'form-action': "'none'",\n`, ''],
    ['shown in a frame of another page', `  'frame-ancestors': "'none'",\n`, ''],
    ['no policy at all', `'content-security-policy': contentSecurityPolicy,`, ''],
    ['guessed types', `'x-content-type-options': 'nosniff',`, ''],
    ['addresses told to other sites', `'referrer-policy': 'no-referrer',`, ''],
    ['a window that another page holds', `'cross-origin-opener-policy': 'same-origin',`, ''],
    ['files embedded by other sites', `'cross-origin-resource-policy': 'same-origin',`, ''],
  ]),
  ...mutationsOf('main/api/http-answers.ts', policy, [
    ['answers without the policy', '    ...securityHeaders,\n', ''],
    ['answers kept by caches', `    'cache-control': 'no-store',\n`, ''],
  ]),
  ...mutationsOf(
    'main/api/same-secret.ts',
    [...door, 'test/api/sessions.test.ts', 'test/api/same-secret.test.ts'],
    [
      ['any secret', 'timingSafeEqual(digest(candidate), digest(secret))', 'candidate.length > 0'],
      [
        'a secret compared letter by letter',
        'timingSafeEqual(digest(candidate), digest(secret))',
        'candidate === secret',
      ],
      ['secrets of which only the beginning counts', '.update(text)', '.update(text.slice(0, 16))'],
    ],
  ),
  ...mutationsOf('main/api/request-guard.ts', door, [
    ['any Host header (DNS rebinding)', '(loopbackNames.has(name) || isCertified(name))', 'name.length > 0'],
    [
      'names that begin as this machine’s own',
      'loopbackNames.has(name) || isCertified(name)',
      `[...loopbackNames].some((own) => name.startsWith(own)) || isCertified(name)`,
    ],
    ['calls by pages of other sites', 'if (foreign !== null) return foreign;', ''],
    [
      'pages of other ports',
      'parse(origin)?.origin === own',
      'parse(origin)?.hostname === parse(own)?.hostname',
    ],
    ['any Bearer', 'bearer !== undefined && isSameSecret(bearer, token)', 'bearer !== undefined'],
    [
      'any cookie',
      'cookie === null || !sessions.holds({ cookie, pageKey: pageKeyOf(request) })',
      'cookie === null',
    ],
    ['the cookie alone', 'pageKey: pageKeyOf(request)', 'pageKey: sessions.open().pageKey'],
    [
      'cookies of other servers',
      'if (key === name && value !== undefined) return value;',
      'if (value !== undefined) return value;',
    ],
    [
      'calls that no page says it made',
      'return headers.origin === undefined',
      'return headers.origin === null',
    ],
  ]),
  ...mutationsOf('main/api/request-guard.ts', overTls, [
    ['names that the certificate is not for', '|| isCertified(name)', '|| !name.includes("evil.example")'],
    [
      'plain pages of the same name',
      'parse(origin)?.origin === own',
      'parse(origin)?.host === parse(own)?.host',
    ],
  ]),
  ...mutationsOf(
    'main/api/sessions.ts',
    ['test/api/sessions.test.ts'],
    [
      ['cookies that were made up', 'return isOurs && isOfPage', 'return isOfPage'],
      ['the cookie without its page', 'return isOurs && isOfPage', 'return isOurs'],
      ['sessions for ever', ' && age <= longestMilliseconds', ''],
      ['halves that are the same', '.update(`${name} ${id}`)', '.update(id)'],
      ['sessions that outlast the token', `createHmac('sha256', token)`, `createHmac('sha256', 'nora')`],
      ['one session for all', `randomBytes(16).toString('base64url')`, `'one'`],
    ],
  ),
  ...mutationsOf(
    'main/api/login-codes.ts',
    ['test/api/login-codes.test.ts'],
    [
      ['codes that work twice', `if (used.has(claim)) return 'used';`, ''],
      ['codes that last', `return isFresh ? 'good' : 'expired';`, `return isFresh ? 'good' : 'good';`],
      [
        'codes of a clock that was set back',
        'Math.abs(now() - Number.parseInt(issued, 36))',
        '(now() - Number.parseInt(issued, 36))',
      ],
      ['guessing without end', `if (wrong.count >= mostWrong) return 'too-many';`, ''],
      [
        'guesses that keep the owner out',
        'if (code.length > longestCode) return judgeWrong();',
        `if (code.length > longestCode || wrong.count >= mostWrong) return judgeWrong();`,
      ],
      ['codes as long as one likes', 'if (code.length > longestCode) return judgeWrong();', ''],
      ['codes that were made up', 'if (!isSameSecret(proof, proofOf(key, claim)))', `if (proof === '')`],
      ['codes of other servers', `createHmac('sha256', key)`, `createHmac('sha256', 'nora')`],
      ['codes with another date', '.update(`login ${claim}`)', `.update(claim.split('.')[1]!)`],
    ],
  ),
  ...mutationsOf('main/api/http-transport.ts', door, [
    [
      'requests for other servers',
      'if (refusal !== null) return turnAway(response, refusal);\n    if (path === callPath)',
      'if (path === callPath)',
    ],
    [
      'calls without a caller',
      'const refusal = guard.refuseCaller(request);',
      'const refusal = null as Refusal | null;',
    ],
    [
      'signing in from pages of other sites',
      'const refusal = guard.refuseOrigin(request);',
      'const refusal = null as Refusal | null;',
    ],
    [
      'event sockets for anybody',
      '(guard.refuseHost(request) ?? guard.refuseCaller(request))',
      'guard.refuseHost(request)',
    ],
    [
      'event sockets by rebinding',
      '(guard.refuseHost(request) ?? guard.refuseCaller(request))',
      'guard.refuseCaller(request)',
    ],
    ['event sockets anywhere', 'pathOf(request) === eventsPath ?', `pathOf(request) !== '' ?`],
    ['a cookie that scripts read', 'HttpOnly; ', ''],
    ['a cookie that other sites send', '; SameSite=Strict', ''],
    ['a cookie for a folder', 'Path=/;', 'Path=/api;'],
    ['a cookie without its port', 'nora-${boundPort}`;', 'nora`;'],
    [
      'any code',
      `if (judgement !== 'good') return turnAway`,
      `if (judgement === 'too-many') return turnAway`,
    ],
    [
      'signing in by looking',
      `if (request.method !== 'POST')\n      return refuse(response, { status: 405, message: 'POST only' }, { allow: 'POST' });\n    const refusal = guard.refuseOrigin`,
      'const refusal = guard.refuseOrigin',
    ],
  ]),
  ...mutationsOf(
    'main/api/http-transport.ts',
    ['test/api/http-transport.test.ts'],
    [['weak tokens', 'if (!tokenForm.test(token)) throw', 'if (token === "") throw']],
  ),
  ...mutationsOf('main/api/http-transport.ts', overTls, [
    ['other machines in plain', 'if (certificate === undefined && !isLoopback(host))', 'if (host === "")'],
    ['old TLS', `minVersion: 'TLSv1.2'`, `minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0'`],
    ['a cookie that goes in plain', `\${isSecure ? '; Secure' : ''}`, ''],
    ['a cookie that other hosts set', `\${isSecure ? '__Host-' : ''}`, ''],
  ]),
  ...mutationsOf('main/api/server-certificate.ts', overTls, [
    [
      'expired certificates',
      'if (parsed.validToDate < now)',
      'if (parsed.validToDate < parsed.validFromDate)',
    ],
    [
      'certificates of tomorrow',
      'if (parsed.validFromDate > now)',
      'if (parsed.validFromDate > parsed.validToDate)',
    ],
    ['the key of another', 'if (!parsed.checkPrivateKey(privateKey))', 'if (privateKey === null)'],
    ['any name', 'parsed.checkHost(bare)) !== undefined', 'bare) !== undefined'],
    ['any address', 'parsed.checkIP(bare)', 'bare'],
  ]),
  ...mutationsOf('main/api/read-json.ts', door, [
    ['forms of other sites', '!/^application\\/json\\s*(;|$)/i.test(', '/^never$/.test('],
    ['types that begin alike', '\\s*(;|$)/i', '/i'],
    ['bodies without end', 'if (bytes > mostBytes) return { refusal: tooLarge };', ''],
    [
      'bodies that say that they are large',
      "if (Number(request.headers['content-length']) > mostBytes) return { refusal: tooLarge };",
      '',
    ],
  ]),
  ...mutationsOf(
    'main/api/event-socket.ts',
    ['test/api/event-socket.test.ts', 'test/api/http-transport.test.ts'],
    [
      [
        'clients that never read',
        'if (client.bufferedAmount > mostWaiting) client.terminate();\n      else if',
        'if',
      ],
      [
        'clients that are gone',
        'if (!answering.delete(client) && !hasSlept) client.terminate();\n      else client.ping();',
        'client.ping();',
      ],
      ['long messages from clients', 'maxPayload: 1024,', ''],
      ['clients that break the protocol end the server', "client.on('error', () => client.terminate());", ''],
    ],
  ),
  ...mutationsOf('main/api/renderer-files.ts', door, [
    ['links out of the folder', 'target.startsWith(root + sep) ?', 'root !== "" ?'],
    ['a folder whose name begins alike', 'root + sep', 'root'],
    ['hidden files', "segment === '' || segment.startsWith('.')", "segment === ''"],
    ['files of any kind', 'if (contentType === undefined) return null;', ''],
    [
      'Windows’ own paths',
      'if (name === null || /[\\\\:\\0]/.test(name)) return null;',
      'if (name === null) return null;',
    ],
  ]),
  ...mutationsOf(
    'main/api/token-file.ts',
    ['test/api/token-file.test.ts'],
    [
      ['a token that others read', '{ mode: ownerOnly }', '{}'],
      [
        'a token that others could have read',
        '(stats.mode & forOthers) !== 0)\n    return make',
        '(stats.mode & forOthers) < 0)\n    return make',
      ],
      ['a token that is none', 'tokenForm.test(token) ?', 'token !== "" ?'],
      ['a short token', 'randomBytes(32)', 'randomBytes(8)'],
    ],
  ),
  ...mutationsOf(
    'main/api/token-file.ts',
    ['test/api/token-file.test.ts'],
    [
      [
        'a given token that others read',
        "if (process.platform !== 'win32' && stats !== undefined && (stats.mode & forOthers) !== 0)",
        'if (stats === null)',
      ],
    ],
  ),
  ...mutationsOf(
    'main/api/serving-file.ts',
    ['test/api/serving-file.test.ts'],
    [['a key that others read', 'mode: ownerOnly,', '']],
  ),
  ...mutationsOf(
    'main/cli/opening-page.ts',
    ['test/cli/opening-page.test.ts'],
    [
      ['an address that others read', '{ mode: 0o600 }', '{}'],
      ['a folder that others look into', '{ mode: 0o700 }', '{}'],
    ],
  ),
  ...mutationsOf(
    'main/cli/commands/serve.ts',
    ['test/cli/serve-doors.test.ts > serve --open', 'test/cli/serve-doors.test.ts > serve to other machines'],
    [
      [
        'the address on the opener’s command line',
        'openInBrowser(writeOpeningPage(pages, server.makeLoginUrl()));',
        'openInBrowser(server.makeLoginUrl());',
      ],
      ['a page that stays', '        closePage();\n      };', '      };'],
      [
        'other machines without being asked',
        'if (!isLoopback(host) && allowNetwork !== true)',
        'if (host === "")',
      ],
    ],
  ),
  ...mutationsOf('main/services/folders/confine-paths.ts', confinement, [
    ['sources anywhere', "use === 'source' ? await places.enter(path) :", "use === 'source' ? path :"],
    ['targets anywhere', 'await places.holdWithin(path);\n  const missing', 'const missing'],
    ['targets behind links', 'join(await places.enter(above), ...missing)', 'join(above, ...missing)'],
    ['the way up in targets', "if (path.split(/[\\\\/]/).includes('..'))", "if (path === '')"],
    ['its own secrets', 'if (isPrivate) throw', 'if (path === "") throw'],
  ]),
  ...mutationsOf('main/services/folders/places.ts', confinement, [
    ['links out of the folders', "if (!within(await list(), real)) throw outside(path, 'leads');", ''],
  ]),
  ...mutationsOf('main/services/shared/absolute-path.ts', confinement, [
    [
      'sources that nobody looks at',
      "(path) => void named?.push({ path, use: 'source' })",
      '() => undefined',
    ],
    [
      'targets that nobody looks at',
      "(path) => void named?.push({ path, use: 'target' })",
      '() => undefined',
    ],
  ]),
  ...mutationsOf('main/api/router.ts', confinement, [
    ['calls that are held to nothing', 'await confine?.(paths);', ''],
  ]),
  ...mutationsOf(
    'main/api/open-workbench.ts',
    ['test/cli/serve-doors.test.ts > serve holds browsers'],
    [['a router that holds to nothing', '{ ...shared, confine: workbench.confinePaths }', 'shared']],
  ),
  ...mutationsOf(
    'main/cli/commands/serve.ts',
    ['test/cli/serve-doors.test.ts > serve holds browsers'],
    [
      ['browsers that go anywhere', '{ confinedRouter: router, progress', '{ router, progress'],
      ['the home for other machines', 'hidesHome: allowNetwork,', 'hidesHome: false,'],
    ],
  ),
  ...mutationsOf('main/store/close-to-others.ts', rights, [
    ['a data directory that others look into', 'return closeOne(directory, forOthers);', 'return;'],
    [
      'folders that others look into, beside other things',
      'for (const name of ownFolders) makeClosed(join(directory, name), forOthers);',
      '',
    ],
    ['files of before that others read', '(found.mode & forOthers) !== 0', 'false'],
    ['a group that reads what nobody shared with it', '= [0o007, 0o077]', '= [0o007, 0o007]'],
  ]),
  ...mutationsOf('main/store/create-library.ts', rights, [
    ['a library that others read', 'closeFile(directory, temporary);', ''],
  ]),
  ...mutationsOf('main/store/open-database.ts', rights, [
    ['rights as the system gives them', '    closeToOthers(directory);\n', ''],
  ]),
  ...mutationsOf('main/engine/formats/group-rights.ts', rights, [
    ['locks that others can hold', `openSync(path, 'ax', ownerOnly)`, `openSync(path, 'ax')`],
    [
      'locks of a folder that nobody shared',
      '(mode & setGroupId) === 0 ? 0 : mode & ofGroup',
      'mode & ofGroup',
    ],
  ]),
  ...mutationsOf(
    'main/services/backups/restore.ts',
    ['test/services/backups.test.ts > a backup of everything'],
    [['a restored library that others read', 'fill, { mode: ownerOnly }', 'fill']],
  ),
  ...mutationsOf(
    'main/services/backups/create-backup.ts',
    ['test/services/backups.test.ts > a backup of everything'],
    [
      ['a backup that others read', `open(path, 'wx', 0o600)`, `open(path, 'wx')`],
      ['a workspace that others look into', `mkdir(workspace, { mode: 0o700 })`, 'mkdir(workspace)'],
    ],
  ),
  ...mutationsOf('main/services/log/log-file.ts', log, [
    ['a log that others read', '    makePrivateFile(file(0));\n', ''],
    [
      'a folder of it that others look into',
      'makeFolderForGroup(directory, 0o700)',
      'makeFolderForGroup(directory)',
    ],
    ['a log without end', 'if (size + more <= mostBytes) return;', 'if (size >= 0) return;'],
    ['texts as they come', '${logText(text)}', '${text}'],
  ]),
  ...mutationsOf('main/services/log/log-text.ts', log, [
    ['secrets in it', "rest.replace(secret, '***')", 'rest'],
    ['the name of whoever works', "withoutSecrets.replaceAll(home, '~')", 'withoutSecrets'],
    ['forged lines', ".replace(/[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]+/g, ' ')", ''],
    ['what a defect quotes', 'filter((line) => /^\\s+at /.test(line))', 'filter((line) => line.length > 0)'],
  ]),
  ...mutationsOf('main/services/log/log-events.ts', log, [
    ['names of runs', '`${what} ${id}: ${status}`', '`${what} ${JSON.stringify(event.payload)}: ${status}`'],
  ]),
];
