const refusals =
  /^(AccessDenied|Unauthorized|Authorization)(Exception|Operation|Error|ErrorException)?$|^NotAuthorized$/;

/** AWS let us in, and did not let us do this. */
export class MissingPermission extends Error {
  override readonly name = 'MissingPermission';
  /** As a policy names it: `kms:DescribeKey`. */
  readonly action: string;

  constructor(action: string, cause: unknown) {
    super(`no permission for ${action}`, { cause });
    this.action = action;
  }

  /** What an error of the SDK says of a permission, if it does. AWS mostly names the action; else it is the operation's. */
  static in(error: unknown, operation: string): MissingPermission | undefined {
    if (!(error instanceof Error) || !refusals.test(error.name)) return undefined;
    const named = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(error.message)?.[1];
    return new MissingPermission(named ?? operation, error);
  }
}
