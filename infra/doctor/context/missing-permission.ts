const refusals =
  /^(AccessDenied|Unauthorized|Authorization)(Exception|Operation|Error|ErrorException)?$|^NotAuthorized$/;

/** The credentials are valid, but lack a permission. */
export class MissingPermission extends Error {
  override readonly name = 'MissingPermission';
  /** As a policy names it, for example `kms:DescribeKey`. */
  readonly action: string;

  constructor(action: string, cause: unknown) {
    super(`no permission for ${action}`, { cause });
    this.action = action;
  }

  /**
   * Returns a `MissingPermission` if that is what an SDK error means. Most name the action; otherwise it is the
   * operation's.
   */
  static in(error: unknown, operation: string): MissingPermission | undefined {
    if (!(error instanceof Error) || !refusals.test(error.name)) return undefined;
    const named = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(error.message)?.[1];
    return new MissingPermission(named ?? operation, error);
  }
}
