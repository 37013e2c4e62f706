/** The files of a new template, by its name. */
interface Starter {
  file(name: string): string;
  readme(name: string): string;
}

const head = (name: string): string => `# Every field: docs/templates.md. Check this file with: berth template lint .
name: ${name}
displayName: ${name}
description: One sentence about what this template is for.
icon: terminal
`;

const rest = `
agent:
  # Runs at each start, before the workspace is ready; the home is as the person left it.
  startup: |
    echo "Hello, $BERTH_WORKSPACE_OWNER"

stop:
  idleTimeout: 2h

# What an hour costs, for previews and budgets.
prices:
  runningPerHour: 0
  stoppedPerHour: 0
`;

const size = `
parameters:
  - name: size
    displayName: Size
    description: CPU and memory of the workspace. You can change the size at each start.
    type: string
    default: small
    options:
      - { value: small, label: Small }
      - { value: large, label: Large }
`;

const readme = (name: string): string => `# ${name}

Tell people what is in a workspace of this template, and how to begin. They read this before they create one.
`;

const starter = (compute: string): Starter => ({ file: (name) => `${head(name)}${compute}${rest}`, readme });

export const starters: Readonly<Record<string, Starter>> = {
  process: starter(`${size}
compute:
  kind: process
  spec:
    limits:
      memory: \${{ parameters.size == 'large' && '8Gi' || '2Gi' }}
`),
  kubernetes: starter(`${size}
compute:
  kind: kubernetes-pod
  spec:
    home: { size: 10Gi }
    pod:
      spec:
        containers:
          - name: workspace
            image: ubuntu:24.04
            resources:
              requests:
                cpu: 250m
                memory: 1Gi
              limits:
                cpu: \${{ parameters.size == 'large' && '8' || '2' }}
                memory: \${{ parameters.size == 'large' && '16Gi' || '4Gi' }}
`),
  vm: starter(`
compute:
  kind: ec2-vm
  spec:
    # A pool of your deployment.
    pool: standard
    home: { size: 20Gi }
`),
};
export const starterNames = Object.keys(starters);
