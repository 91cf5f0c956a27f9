// git over HTTPS with the same credentials as the API: GitHub takes the token as a password of any user [GITHUB-TOKENS].

/**
 * Whether git's address is one of the GitHub that the API belongs to, and brings no credentials of its own. `api.github.com`
 * serves github.com, `api.NAME.ghe.com` NAME.ghe.com, and an enterprise server itself.
 */
export function isServedBy(repository: string, baseUrl: string): boolean {
  if (!URL.canParse(repository)) return false;
  const [git, api] = [new URL(repository), new URL(baseUrl)];
  const isOwn = git.username === '' && git.password === '';
  return isOwn && git.protocol === api.protocol && git.host === api.host.replace(/^api\./, '');
}

/** The value of an `Authorization` header. */
export const basicAuthorization = (token: string): string =>
  `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
