interface Script {
  /** The command that starts it; by default once, in the background. */
  run?: string;
  /** The template's apps, in YAML's flow style. */
  apps?: string;
  /** Further lines of the template. */
  more?: string;
}

const once = '"$BERTH_NODE" app.cjs >/dev/null 2>&1 &';
const indented = (text: string): string => text.replace(/^/gm, '    ');

/** Returns a template whose workspaces run a Node script, by default as their app `web`. */
export const scriptTemplate = (name: string, source: string, script: Script = {}): string => `
name: ${name}
compute: { kind: process }
agent:
  startup: |
    cat > app.cjs <<'END'
${indented(source)}
    END
${indented(script.run ?? once)}
apps: ${script.apps ?? '[{ name: web }]'}
${script.more ?? ''}
`;
