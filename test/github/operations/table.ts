// Who carries out which operation.

import type { OperationId } from '../openapi/operations.ts';
import { APPS } from './apps.ts';
import type { Handler } from './call.ts';
import { CHECKS } from './checks.ts';
import { COMMENTS } from './comments.ts';
import { GIT_DATA } from './git-data.ts';
import { PEOPLE } from './people.ts';
import { PULLS } from './pulls.ts';
import { REPOSITORIES } from './repositories.ts';

export const HANDLERS: Readonly<Record<OperationId, Handler>> = {
  ...APPS,
  ...CHECKS,
  ...COMMENTS,
  ...GIT_DATA,
  ...PEOPLE,
  ...PULLS,
  ...REPOSITORIES,
};
