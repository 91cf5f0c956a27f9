// Holds requests and answers against GitHub's description: which operation, which parameters, which body, which answer.

import { isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { type Description, deref, type Operation } from '../openapi/description.ts';
import type { OperationId, WebhookName } from '../openapi/operations.ts';
import { coerce } from './coerce.ts';
import { GENERAL_ANSWERS } from './general-answers.ts';
import { type Route, routeFinder } from './route.ts';
import { Schemas } from './schemas.ts';
import type { Violation } from './violations.ts';

/** A request as it came in. */
export interface Asked {
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Empty where nothing was sent. */
  readonly text: string;
}

/** What was asked, with numbers and booleans for what the description calls so. */
export interface Read {
  readonly path: JsonObject;
  readonly query: JsonObject;
  readonly body: Json | undefined;
  readonly violations: readonly Violation[];
}

/** Media types of which every operation answers with its JSON (docs.github.com, Getting started with the REST API). */
const JSON_TYPES = ['application/vnd.github+json', 'application/vnd.github.v3+json', 'application/json'];
/** The version that the description is of; later ones change answers. */
export const API_VERSION = '2022-11-28';

export class Contract {
  readonly #description: Description;
  readonly #schemas: Schemas;
  readonly findRoute: (method: string, path: string) => Route | undefined;

  constructor(description: Description) {
    this.#description = description;
    this.#schemas = new Schemas(description);
    this.findRoute = routeFinder(description);
  }

  readRequest(route: Route, asked: Asked): Read {
    const path = this.#readParameters(route, 'path', route.pathParameters);
    const query = this.#readParameters(route, 'query', Object.fromEntries(asked.query));
    const body = asked.text === '' ? undefined : parseJson(asked.text);
    const isGarbled = body === undefined && asked.text !== '';
    const bodyComplaints = isGarbled ? [] : this.#bodyComplaints(route.operation, { body, headers: asked.headers });
    const violations = [
      violation('path-parameter', route.id, path.complaints),
      violation('undocumented-query', route.id, [...query.complaints, ...repeatedIn(asked.query)]),
      violation('request-header', route.id, headerComplaints(asked.headers)),
      violation('request-json', route.id, isGarbled ? ['the body is no JSON'] : []),
      violation('request-body', route.id, bodyComplaints),
    ].flat();
    return { path: path.values, query: query.values, body, violations };
  }

  /** `body` is what was parsed from the very bytes that travel; undefined for none. */
  checkAnswer(id: OperationId, status: number, body: Json | undefined): readonly Violation[] {
    const documented = this.#description.operations[id].responses[String(status)];
    const said = documented && this.#deref(documented);
    // Of some refusals the description says only that there are some: they look like all others.
    const response = said === undefined || (status >= 400 && !said['content']) ? GENERAL_ANSWERS[status] : said;
    if (response === undefined) return violation('response-status', id, [`${status} is documented nowhere`]);
    const schema = jsonSchemaOf(response);
    if (schema === undefined) {
      return violation('response-body', id, body === undefined ? [] : [`${status} has no body`]);
    }
    return violation('response-body', id, body === undefined ? ['no body'] : this.#schemas.check(schema)(body));
  }

  checkPayload(name: WebhookName, payload: Json): readonly Violation[] {
    return violation('webhook-payload', name, this.#schemas.check(this.#description.webhooks[name])(payload));
  }

  #readParameters(
    { operation }: Route,
    place: 'path' | 'query',
    texts: Readonly<Record<string, string>>,
  ): { readonly values: JsonObject; readonly complaints: readonly string[] } {
    const known = operation.parameters
      .map(parameter => this.#deref(parameter))
      .filter(({ in: where }) => where === place);
    const names = new Set(known.map(({ name }) => name));
    const unknown = Object.keys(texts).filter(name => !names.has(name));
    const values: Record<string, Json> = {};
    const complaints = unknown.map(name => `${name} is documented nowhere`);
    for (const { name, schema, required } of known) {
      if (typeof name !== 'string' || !isObject(schema)) continue;
      const text = texts[name];
      if (text === undefined) {
        if (required === true) complaints.push(`${name} is missing`);
        continue;
      }
      const value = coerce(text, this.#deref(schema));
      complaints.push(
        ...this.#schemas
          .check(schema)(value)
          .map(line => `${name}: ${line}`),
      );
      values[name] = value;
    }
    return { values, complaints };
  }

  #bodyComplaints(
    { requestBody }: Operation,
    { body, headers }: { readonly body: Json | undefined; readonly headers: Asked['headers'] },
  ): readonly string[] {
    if (requestBody === undefined) return body === undefined ? [] : ['no body is documented'];
    if (body === undefined) return requestBody['required'] === true ? ['a body is required'] : [];
    const schema = jsonSchemaOf(requestBody);
    const type = headers['content-type'] ?? '';
    const ofType = /^application\/json\b/.test(type) ? [] : [`content-type ${JSON.stringify(type)} is no JSON`];
    return schema === undefined ? ['no JSON is documented'] : [...ofType, ...this.#schemas.check(schema)(body)];
  }

  readonly #deref = (object: JsonObject): JsonObject => deref({ components: this.#description.components }, object);
}

/** The last one would win here, and another at GitHub. */
const repeatedIn = (query: URLSearchParams): readonly string[] =>
  [...new Set(query.keys())].filter(name => query.getAll(name).length > 1).map(name => `${name} is given twice`);

function headerComplaints(headers: Asked['headers']): readonly string[] {
  const { accept, 'user-agent': agent, 'x-github-api-version': version } = headers;
  const types = (accept ?? '').split(',').map(type => type.split(';')[0]?.trim() ?? '');
  return [
    agent ? [] : ['User-Agent is required'],
    accept ? [] : ['Accept is required'],
    types.every(type => type === '' || JSON_TYPES.includes(type))
      ? []
      : [`Accept ${accept} asks for no documented JSON`],
    version === undefined || version === API_VERSION ? [] : [`X-GitHub-Api-Version ${version} is not ${API_VERSION}`],
  ].flat();
}

function jsonSchemaOf({ content }: JsonObject): JsonObject | undefined {
  const json = isObject(content) ? content['application/json'] : undefined;
  const schema = isObject(json) ? json['schema'] : undefined;
  return isObject(schema) ? schema : undefined;
}

const violation = (kind: Violation['kind'], where: string, details: readonly string[]): readonly Violation[] =>
  details.length === 0 ? [] : [{ kind, where, details }];
