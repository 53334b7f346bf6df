import { VERSION } from '../package-root.js';

/** How Tollgate names itself to upstreams, where a descriptor does not fix another name. */
export const USER_AGENT = `tollgate/${VERSION}`;
