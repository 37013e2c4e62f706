import type { VmSettings } from '../../contracts/vm-settings.ts';
import type { TemplateKind } from '../kind.ts';
import { type Ec2VmSpec, ec2VmSpec } from './spec.ts';

/** What the kind knows of templates. */
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
