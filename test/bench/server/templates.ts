import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The smallest template, one with a startup script, and one whose compute starts nothing. */
const templates = {
  tiny: `
name: tiny
compute: { kind: process }
`,
  scripted: `
name: scripted
compute: { kind: process }
agent:
  startup: |
    echo begins
    sleep 0.4
    echo ends
`,
  idle: `
name: idle
compute: { kind: skeleton }
`,
};

export const writeTemplates = (folder: string): void => {
  for (const [name, text] of Object.entries(templates)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'template.yaml'), text);
  }
};
