// Who asks: an app by its signed JSON Web Token, an installation or a person by a token.

import { verify } from 'node:crypto';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import type { Actor, App } from '../model/accounts.ts';
import type { World } from '../model/world.ts';
import { refuse } from '../refusal.ts';

/** Seconds: what GitHub allows between the two times of a token, and between the clocks (docs.github.com, Generating a JWT). */
const MOST_LIFE_S = 600;
const DRIFT_S = 60;

/** Refusals: 401 for whatever is not valid. Without a header it is nobody. */
export function authenticate(world: World, header: string | undefined): Actor {
  if (header === undefined) return { kind: 'nobody' };
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(header) ?? [];
  const known = /^(?:token|bearer)$/i.test(scheme);
  if (known && credentials.split('.').length === 3) return { kind: 'app', app: appOfJwt(world, credentials) };
  const token = known ? credentials : passwordOf(scheme, credentials);
  return actorOfToken(world, token);
}

/** Of HTTP Basic, as git sends it: any user, and the token as the password. */
function passwordOf(scheme: string, credentials: string): string {
  if (!/^basic$/i.test(scheme)) throw refuse(401, 'Bad credentials');
  return Buffer.from(credentials, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
}

function actorOfToken(world: World, token: string): Actor {
  const found = world.tokens.get(token);
  if (found === undefined) throw refuse(401, 'Bad credentials');
  if (found.kind === 'installation') {
    if (world.clock.nowMs() >= found.expiresAtMs) throw refuse(401, 'Bad credentials');
    if (found.installation.suspended) throw refuse(403, 'This installation has been suspended');
  }
  return found;
}

/** RFC 7519, with RS256 (RFC 7518, section 3.3) as GitHub demands it. */
function appOfJwt(world: World, jwt: string): App {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const claims = decode(payload);
  const { iss } = claims;
  const app = world.apps.find(({ id, clientId }) => iss === id || iss === `${id}` || iss === clientId);
  if (decode(header)['alg'] !== 'RS256' || app === undefined) throw undecodable();
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify('RSA-SHA256', signed, app.publicKey, Buffer.from(signature, 'base64url'))) throw undecodable();
  demandTimes(claims, Math.floor(world.clock.nowMs() / 1000));
  return app;
}

function demandTimes({ iat, exp }: JsonObject, nowS: number): void {
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat > nowS + DRIFT_S) {
    throw refuse(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (typeof exp !== 'number' || exp <= nowS) {
    const claim = "'Expiration time' claim ('exp')";
    throw refuse(401, `${claim} must be a numeric value representing the future time at which the assertion expires`);
  }
  if (exp > nowS + MOST_LIFE_S) throw refuse(401, "'Expiration time' claim ('exp') is too far in the future");
}

function decode(part: string): JsonObject {
  const value = parseJson(Buffer.from(part, 'base64url').toString('utf8'));
  if (!isObject(value)) throw undecodable();
  return value;
}

const undecodable = () => refuse(401, 'A JSON web token could not be decoded');
