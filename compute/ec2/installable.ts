import { VmSettings } from '../../contracts/settings/vm.ts';
import { installableKind } from '../installable-kind.ts';
import { open } from './open.ts';
import { ec2VmTemplates } from './templates.ts';

export const ec2Vm = installableKind({ name: 'ec2-vm', settings: VmSettings, templates: ec2VmTemplates, open });
