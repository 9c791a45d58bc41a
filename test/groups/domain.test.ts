import { groupedFiles, isJobs, isRoutes, runGroup } from '../support/group.ts';

await runGroup(groupedFiles().filter((file) => !isRoutes(file) && !isJobs(file)));
