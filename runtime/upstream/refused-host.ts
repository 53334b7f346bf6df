/**
 * The refusals of the address guard that are known before anything is looked up or held: of a host that is an address,
 * or the name of this machine. Any other name is judged when a connection is opened, by what it resolves to.
 */

/**
 * Why no request may go to the url's host, in the words of the connection's own refusal. Resolves with undefined if
 * nothing is known against it; is undefined itself if the provider's hosts are not judged.
 */
export type RefusedHost = (provider: string, url: URL) => Promise<string | undefined> | undefined;

/** @param allowPrivate whether the operator lets this provider's requests go to private addresses. */
export function refusedHost(
  allowPrivate: (provider: string) => boolean,
  load = () => import('./address-guard.js'),
): RefusedHost {
  // Its tables are loaded at the first call, as the sender is; at the next one where they could not be.
  let guard: ReturnType<typeof load> | undefined;
  const loadAgain = (error: unknown): never => {
    guard = undefined;
    throw error;
  };
  const refusalOf = async ({ hostname }: URL): Promise<string | undefined> => {
    const { refusalOfHost, refusalText } = await (guard ??= load().catch(loadAgain));
    const refused = refusalOfHost(hostname);
    return refused === undefined ? undefined : refusalText(hostname, refused);
  };
  return (provider, url) => (allowPrivate(provider) ? undefined : refusalOf(url));
}
