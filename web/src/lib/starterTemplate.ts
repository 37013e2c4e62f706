/** What a new template begins with: it can be published as it is. */
export const starterTemplate = `name: my-template
displayName: My template
description: What it is for, in a sentence.
icon: terminal

# Asked when a workspace is made. Scripts find the values as $BERTH_PARAM_<NAME>.
parameters:
  - name: greeting
    displayName: Greeting
    type: string
    default: Ahoy

compute:
  kind: process

agent:
  # Run at each start, before the workspace is ready.
  startup: |
    echo "$BERTH_PARAM_GREETING"

stop:
  idleTimeout: 2h
`;
