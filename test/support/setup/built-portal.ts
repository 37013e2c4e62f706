import { buildPortal } from '../../../bundles/portal.ts';

/** Before any test: several that start Berth at once would otherwise each build the portal into the one folder. */
export default (): Promise<void> => buildPortal();
