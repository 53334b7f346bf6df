/** RFC 9110 section 5.6.2: what a method, a header, a cookie or a scheme of authentication can be called. */
export const HTTP_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
