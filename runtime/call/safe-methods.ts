/** Methods that RFC 9110 section 9.2.1 calls safe: repeating them asks for nothing twice. `QUERY` has a draft of its own. */
export const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE']);
