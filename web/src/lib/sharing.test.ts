import { describe, expect, it } from 'vitest';
import { limitSentence, whatChoices, whatOf, whatWords, withWords } from './sharing.ts';

const apps = [{ name: 'web', displayName: 'Web' }];

describe('what is shared', () => {
  it('is chosen, and said in words', () => {
    expect(whatChoices(apps, false).map(({ value }) => value)).toEqual(['workspace', 'app:web', 'port']);
    expect(whatOf('app:web', '')).toEqual({ kind: 'app', app: 'web' });
    expect(whatOf('workspace', '')).toEqual({ kind: 'workspace' });
    expect(whatOf('port', ' 3000 ')).toEqual({ kind: 'port', port: 3000 });
    expect(whatWords({ kind: 'app', app: 'web' }, apps)).toBe('App Web');
    expect(whatWords({ kind: 'app', app: 'gone' }, apps)).toBe('App gone');
    expect(withWords({ kind: 'group', group: 'engineering' })).toBe('the group engineering');
  });

  it.each(['', '0', '65536', '03', '1e3', 'http'])('is no port of %j', (text) => {
    expect(whatOf('port', text)).toBeUndefined();
  });

  it('has no ports where a workspace is browser-only', () => {
    expect(whatChoices(apps, true).map(({ value }) => value)).not.toContain('port');
  });
});

describe('limitSentence', () => {
  it('says both only where they differ', () => {
    expect(limitSentence({ apps: 'people', workspace: 'people' })).toMatch(/let it be shared with people by name/);
    expect(limitSentence({ apps: 'everyone', workspace: 'none' })).toMatch(
      /with nobody, single apps and ports with any/,
    );
  });
});
