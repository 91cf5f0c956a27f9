// The text of agent.yaml (or JSON, which is YAML too) into a configuration, or every problem with its place.

import { err, findingsOf, type Issue, issueOf, ok, placeFinder, type Result, readSource } from '@seatrial/spec';
import { AgentConfig } from './config.ts';

/** `file` is only named in the issues. */
export function parseAgentConfig(text: string, file: string): Result<AgentConfig, readonly Issue[]> {
  const { documents, findings } = readSource(text);
  const placeOf = placeFinder(text);
  const issues = (found: typeof findings) =>
    err(found.map(({ code, offset, message }) => issueOf(file, { code, message, ...placeOf(offset) }, 'error')));
  const [document, second] = documents;
  if (findings.length > 0) return issues(findings);
  if (document === undefined || second !== undefined) {
    return issues([{ code: 'not-a-document', offset: 0, message: 'must hold exactly one document' }]);
  }
  const parsed = AgentConfig.safeParse(document.value);
  return parsed.success ? ok(parsed.data) : issues(parsed.error.issues.flatMap(issue => findingsOf(issue, document)));
}
