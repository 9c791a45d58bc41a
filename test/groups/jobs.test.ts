import { groupedFiles, isJobs, runGroup } from '../support/group.ts';

await runGroup(groupedFiles().filter(isJobs));
