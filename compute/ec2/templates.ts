import type { VmSettings } from '../../contracts/settings/vm.ts';
import type { TemplateKind } from '../../core/ports/compute-kind.ts';
import { type Ec2VmSpec, ec2VmSpec } from './spec.ts';

/** Validates templates and plans, without access to AWS. */
export const ec2VmTemplates = (settings: VmSettings): TemplateKind<Ec2VmSpec> => ({
  name: 'ec2-vm',
  spec: ec2VmSpec(settings),
  plan: ({ workspace, spec }) => ({
    resources: [
      { type: 'ec2-instance', name: `${workspace.name} from ${spec.pool}`, kept: spec.mode === 'persistent' },
      { type: 'ebs-volume', name: `home of ${workspace.name} (${spec.home.size})`, kept: true },
    ],
  }),
});
