/** Loaded ahead of the proofs that are to run in their full form. */

process.env['TEST_FULL'] = 'yes';
