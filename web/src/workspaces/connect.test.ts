import { expect, it } from 'vitest';
import { fullName, sshHost, vsCodeLink } from './connect.ts';

const demo = { name: 'demo', owner: { id: 'p1', name: 'ada' } };

it('names another person’s workspace with its owner', () => {
  expect(fullName(demo, true)).toBe('demo');
  expect(fullName(demo, false)).toBe('ada/demo');
  expect(sshHost(demo, false)).toBe('demo--ada.berth');
});

it('links to a folder in VS Code', () => {
  expect(vsCodeLink('demo.berth', '/home/berth')).toBe(
    'vscode://vscode-remote/ssh-remote+demo.berth/home/berth?windowId=_blank',
  );
});
