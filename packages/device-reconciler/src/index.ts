// The public face of the board-resident agent.

export { type AgentOptions, type AgentSurroundings, runAgent, SUBCOMMANDS } from './agent-actions.ts';
export { agentCommand } from './command.ts';
export { AgentConfig } from './domain/config.ts';
export { parseAgentConfig } from './domain/parse-config.ts';
export { AGENT_ERRORS, type AgentErrorCode, type ErrorClass, type ErrorRow, PortError } from './errors.ts';
export { agentDaemon, agentOnce, agentStatus, agentWhy, boardPorts, readAgentConfig } from './main.ts';
export { AGENT_VERSION } from './version.ts';
