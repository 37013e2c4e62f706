const reported = new Set<string>();

/**
 * Whether a part of the tests that needs more than Node can run. When it cannot, one line names what is skipped and
 * how to get it, and the suite uses `describe.runIf`. With `BERTH_REQUIRE_ALL=1` (CI) a missing requirement throws.
 */
export const optional = (name: string, available: boolean, howToGet: string): boolean => {
  if (available) return true;
  if (process.env['BERTH_REQUIRE_ALL'] === '1') {
    throw new Error(`${name} cannot run here, and BERTH_REQUIRE_ALL=1 requires it. ${howToGet}`);
  }
  // Straight to stderr: vitest would wrap a console line in three of its own.
  if (!reported.has(name)) process.stderr.write(`skipped: ${name}. ${howToGet}\n`);
  reported.add(name);
  return false;
};
