import { ec2Vm } from './ec2/installable.ts';
import type { KindEntry } from './installable-kind.ts';
import { kubernetesPod } from './kubernetes/installable.ts';

/** The kinds that `BERTH_COMPUTE` can install. A new kind is one line here. */
export const installableKinds: readonly KindEntry[] = [kubernetesPod, ec2Vm];
