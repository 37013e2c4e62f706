/** The text of a new template, which can be published unchanged. */
export const starterTemplate = `name: my-template
displayName: My template
description: One sentence about what this template is for.
icon: terminal

# Requested when a workspace is created. Scripts read the values from $BERTH_PARAM_<NAME>.
parameters:
  - name: greeting
    displayName: Greeting
    type: string
    default: Ahoy

compute:
  kind: process

agent:
  # Runs at each start, before the workspace is ready.
  startup: |
    echo "$BERTH_PARAM_GREETING"

stop:
  idleTimeout: 2h
`;
