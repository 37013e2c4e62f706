import { describe, expect, it } from 'vitest';
import { limitSentence, recipientLabel, whatChoices, whatLabel, whatOf } from './shareLabels.ts';

const apps = [{ name: 'web', displayName: 'Web' }];

describe('what is shared', () => {
  it('is read from a choice and has a label', () => {
    expect(whatChoices(apps, false).map(({ value }) => value)).toEqual(['workspace', 'app:web', 'port']);
    expect(whatOf('app:web', '')).toEqual({ kind: 'app', app: 'web' });
    expect(whatOf('workspace', '')).toEqual({ kind: 'workspace' });
    expect(whatOf('port', ' 3000 ')).toEqual({ kind: 'port', port: 3000 });
    expect(whatLabel({ kind: 'app', app: 'web' }, apps)).toBe('App Web');
    expect(whatLabel({ kind: 'app', app: 'gone' }, apps)).toBe('App gone');
    expect(recipientLabel({ kind: 'group', group: 'engineering' })).toBe('the group engineering');
  });

  it.each(['', '0', '65536', '03', '1e3', 'http'])('rejects the port %j', (text) => {
    expect(whatOf('port', text)).toBeUndefined();
  });

  it('offers no ports for a browser-only workspace', () => {
    expect(whatChoices(apps, true).map(({ value }) => value)).not.toContain('port');
  });
});

describe('limitSentence', () => {
  it('names both limits only if they differ', () => {
    expect(limitSentence({ apps: 'people', workspace: 'people' })).toMatch(/allow sharing with people\./);
    expect(limitSentence({ apps: 'everyone', workspace: 'people' })).toMatch(
      /the whole workspace with people, and apps and ports with everyone/,
    );
  });

  it('names what cannot be shared', () => {
    expect(limitSentence({ apps: 'none', workspace: 'none' })).toMatch(/does not allow sharing\.$/);
    expect(limitSentence({ apps: 'everyone', workspace: 'none' })).toMatch(
      /sharing apps and ports with everyone who is signed in, but not the whole workspace\.$/,
    );
    expect(limitSentence({ apps: 'none', workspace: 'groups' })).toMatch(
      /the whole workspace with people and groups, but not its apps and ports\.$/,
    );
  });
});
