import { describe, expect, it } from 'vitest';
import { linkTarget } from './links.ts';

const portUrl = 'http://{port}--demo--ada.localhost:8080/';

describe('linkTarget', () => {
  it.each([
    ['https://example.com/a?b#c', 'https://example.com/a?b#c'],
    ['http://localhost:3000/x?y=1', 'http://3000--demo--ada.localhost:8080/x?y=1'],
    ['http://127.0.0.1:5173', 'http://5173--demo--ada.localhost:8080/'],
    ['https://0.0.0.0/', 'http://443--demo--ada.localhost:8080/'],
    ['http://[::1]:9/', 'http://9--demo--ada.localhost:8080/'],
    ['http://localhost:3000//evil.example/', 'http://3000--demo--ada.localhost:8080//evil.example/'],
  ])('maps %s to %s', (text, target) => {
    expect(linkTarget(text, portUrl)).toBe(target);
  });

  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'ssh://host',
    'http://a:b@host/',
    'nothing',
  ])('is undefined for %s', (text) => {
    expect(linkTarget(text, portUrl)).toBeUndefined();
  });

  it('keeps localhost if ports are not available', () => {
    expect(linkTarget('http://localhost:3000/', undefined)).toBe('http://localhost:3000/');
  });
});
