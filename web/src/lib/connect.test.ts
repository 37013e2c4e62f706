import { expect, it } from 'vitest';
import { commandName, sshHost, vsCodeLink } from './connect.ts';

const demo = { name: 'demo', owner: { id: 'p1', name: 'ada' } };

it('names another person’s workspace with its owner', () => {
  expect(commandName(demo, true)).toBe('demo');
  expect(commandName(demo, false)).toBe('demo--ada');
  expect(sshHost(demo, false)).toBe('demo--ada.berth');
});

it('links to a folder in VS Code', () => {
  expect(vsCodeLink('demo.berth', '/home/berth')).toBe(
    'vscode://vscode-remote/ssh-remote+demo.berth/home/berth?windowId=_blank',
  );
});
