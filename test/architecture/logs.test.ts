import { generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openSqliteTable } from '../../adapters/table/sqlite/table.ts';
import { log as agentLog } from '../../agent/common/log.ts';
import { jsonLog } from '../../base/log.ts';
import { hostKeyOf } from '../../core/connections/agents/host-key.ts';
import { replicaRules } from '../../core/connections/agents/replicas.ts';
import { agentToken, newSecret, oneTimeToken } from '../../core/crypto/secrets.ts';
import { terminalLog } from '../../local/log.ts';

const root = join(import.meta.dirname, '..', '..');

afterEach(() => vi.restoreAllMocks());

const workspace = `ws-${'0'.repeat(26)}`;
const peer = replicaRules({ table: openSqliteTable(':memory:'), clock: () => new Date(), agentKey: 'key' });
const gitKey = generateKeyPairSync('ed25519').privateKey;

/**
 * What Berth and its programs hold secret, made by what makes it; what must not stand in a line, and a text that quotes
 * it.
 */
const secrets: [string, string, (secret: string) => string][] = [
  ['an API token', `berth_0123456789abcdef_${newSecret()}`, (it) => `bearer ${it}`],
  ['an agent token', agentToken('key', workspace, 2), (it) => `the token ${it} is over`],
  ['a one-time token', oneTimeToken('key', workspace, 2), (it) => `"token":"${it}"`],
  ['a ticket in a form', newSecret(), (it) => `ticket=${it}&path=%2F`],
  ['a ticket as a subprotocol', newSecret(), (it) => `berth.ticket.${it}`],
  ['an app session in a cookie', newSecret(), (it) => `__Host-berth-app=${it}; Path=/`],
  [
    'a credential of a replica',
    peer.signPeerRequest({ replica: 'r', workspaceId: workspace, buildId: 'b', authority: 'session' }).split('.')[1] ??
      '',
    (it) => `1764000000000.${it}`,
  ],
  [
    'a sign-in token',
    `eyJhbGciOiJSUzI1NiJ9.${'eyJzdWIiOiJhZGEifQ'}.c2lnbmF0dXJl`,
    (it) => `Authorization: Bearer ${it}`,
  ],
  ['a git key', gitKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'), (it) => `{"privateKey":"${it}"}`],
  ['a git key in PEM', gitKey.export({ type: 'pkcs8', format: 'pem' }).toString(), (it) => `key\n${it}`],
  ['a host key', hostKeyOf('key', workspace).privateKey, (it) => `sshHostKey ${it}`],
  ['a password', Buffer.from('ada:correct horse battery').toString('base64'), (it) => `authorization: Basic ${it}`],
  ['a password in an address', 'correct-horse', (it) => `git clone https://ada:${it}@git.example/x.git`],
];

const written = (stream: NodeJS.WriteStream, act: () => void): string => {
  const lines: string[] = [];
  const spy = vi.spyOn(stream, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  act();
  spy.mockRestore();
  return lines.join('');
};

const loggers: Record<string, (message: string, fields: Record<string, unknown>) => string> = {
  'gateway and functions': (message, fields) => {
    const lines: string[] = [];
    jsonLog((line) => void lines.push(line))('error', message, fields);
    return lines.join('');
  },
  local: (message, fields) => written(process.stderr, () => terminalLog('error', message, fields)),
  agent: (message, fields) => {
    const lines: string[] = [];
    vi.spyOn(console, 'error').mockImplementation((line) => lines.push(line));
    agentLog(`${message} ${Object.values(fields).map(String).join(' ')}`);
    return lines.join('');
  },
};

describe.each(Object.entries(loggers))('the log of %s', (_, write) => {
  test.each(secrets)('redacts %s', (_, secret, quoting) => {
    const text = quoting(secret);
    const cause = new Error(`refused: ${text}`);
    const line = write(text, { reason: text, error: new Error(`failed: ${text}`, { cause }), deep: { list: [text] } });
    expect(line).toContain('[secret]');
    // Neither as it is nor as JSON escapes it.
    for (const part of secret.split('\n').filter((line) => line.length > 12 && !line.startsWith('-----'))) {
      expect(line).not.toContain(part);
      expect(line).not.toContain(JSON.stringify(part).slice(1, -1));
    }
  });

  test('keeps ids, addresses and sentences', () => {
    const text = `workspace ${workspace} build ${workspace}-2 at https://git.example/ada/x.git, ssh://git@host/x, a-very-long-name-with-many-hyphens-and-words-in-it`;
    expect(write('message', { text })).toContain(text);
  });
});

test('the servers and the agent log only through these loggers', () => {
  const files = globSync('{agent,gateway,functions,core,adapters,compute,tunnel}/**/*.ts', { cwd: root });
  const own = ['agent/common/log.ts', 'functions/entries/redrive.ts'];
  const code = files.filter((file) => !/\.test\.ts$|\/test-/.test(file) && !own.includes(file));
  const direct = code.filter((file) => /\bconsole\./.test(readFileSync(join(root, file), 'utf8')));
  expect(direct).toEqual([]);
});
