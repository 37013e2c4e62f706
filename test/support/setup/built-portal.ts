import { buildPortal } from '../../../bundles/portal.ts';

/**
 * Builds the portal before any test, because several tests that start Berth would each build it into the same folder.
 */
export default (): Promise<void> => buildPortal();
