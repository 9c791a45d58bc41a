import { groupedFiles, isRoutes, runGroup } from '../support/group.ts';

await runGroup(groupedFiles().filter((file) => !isRoutes(file)));
