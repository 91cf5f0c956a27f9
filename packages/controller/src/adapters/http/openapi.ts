// The OpenAPI 3.1 document, made of the route table [OPENAPI-3.1].

import { z } from 'zod';
import { ErrorBody } from '../../domain/api.ts';
import { type ControllerErrorCode, errorRow } from '../../errors.ts';
import { ROUTES, type Route } from './routes.ts';
import { statusOf } from './status-codes.ts';

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const content = (schema: z.ZodType, io: 'input' | 'output') => ({
  'application/json': { schema: jsonSchema(schema, io) },
});

export function openApiDocument(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Seatrial controller', version, description: 'The state of fleets, and orders to their rollouts.' },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

const operation = ({ summary, parameters, body, response, isOrder, errors }: Route) => ({
  summary,
  parameters: parameters.map(parameter => ({
    in: parameter.in,
    name: parameter.name,
    required: parameter.in === 'path',
    schema: jsonSchema(parameter.schema, 'input'),
  })),
  ...(body && { requestBody: { required: true, content: content(body, 'input') } }),
  ...(isOrder && { security: [{ token: [] }] }),
  responses: { 200: { description: 'Answered', content: content(response, 'output') }, ...failures(errors, isOrder) },
});

function failures(errors: readonly ControllerErrorCode[], isOrder: boolean) {
  const all: readonly ControllerErrorCode[] = [
    'request-malformed',
    ...(isOrder ? (['request-unauthorized', 'orders-disabled'] as const) : []),
    ...errors,
  ];
  const statuses = [...new Set(all.map(statusOf))];
  return Object.fromEntries(
    statuses.map(status => {
      const codes = all.filter(code => statusOf(code) === status);
      const description = codes.map(code => `${code}: ${errorRow(code).cause}`).join('\n');
      return [status, { description, content: content(ErrorBody, 'output') }];
    }),
  );
}
