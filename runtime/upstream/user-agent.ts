/** How Tollgate names itself to upstreams, where a descriptor does not fix another name. */
export const USER_AGENT = 'tollgate/0.1.0';
