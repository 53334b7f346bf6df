/** What a provider can be called, as the generator has it: endpoint ids and the names of folders are made of it. */
export const PROVIDER_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
