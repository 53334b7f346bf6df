/** What is said of a host that no request may go to, before a call is held as where it is connected. */
export function refusalText(host: string, what: string): string {
  return `requests may not go to ${JSON.stringify(host)}: ${what}`;
}
