import { describe, expect, it } from 'vitest';
import { readSessionCookie, restrictSetCookies, withoutSessionCookie } from './session-cookie.ts';

describe('the Cookie header', () => {
  it.each([
    ['berth-app=s', undefined],
    ['a=1; berth-app=s; b=2', 'a=1; b=2'],
    ['a=1;__Host-berth-app=s;b=berth-app', 'a=1; b=berth-app'],
    [' Berth-App=s ; a=1', 'a=1'],
    ['berth-app; a', 'a'],
    ['berth-app2=x', 'berth-app2=x'],
    ['berth-app=1; berth-app=2', undefined],
  ])('%j reaches the app as %j', (header, forwarded) => {
    expect(withoutSessionCookie(header)).toBe(forwarded);
  });

  it('yields the session only under its exact name', () => {
    expect(readSessionCookie('a=1; berth-app=s=; b=2', false)).toBe('s=');
    expect(readSessionCookie('berth-app=s', true)).toBeUndefined();
    expect(readSessionCookie('__Host-berth-app=s', true)).toBe('s');
    expect(readSessionCookie(undefined, false)).toBeUndefined();
  });
});

it('restricts the cookies that an app sets to its own host and names', () => {
  expect(
    restrictSetCookies([
      'a=1; domain=.localhost; Path=/',
      'b=domain; HttpOnly',
      ' berth-app =x',
      '__HOST-BERTH-APP=x',
      '=berth-app=x',
      ' = __Host-berth-app=x; Path=/',
      'berth-app',
      'c=1;DOMAIN = x',
    ]),
  ).toEqual(['a=1; Path=/', 'b=domain; HttpOnly', 'c=1']);
});
