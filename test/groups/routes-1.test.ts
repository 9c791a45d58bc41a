import { groupedFiles, isRoutes, runGroup } from '../support/group.ts';

const routes = groupedFiles().filter(isRoutes);
await runGroup(routes.filter((_, index) => index % 3 === 0));
