/** Podman's words. source: containers/common libnetwork/types/define.go@v0.50.1 */
export const nameRule = 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument';

/** The same for a reader who knows no regular expressions. */
export const nameRemedy = 'begin with a letter or digit of ASCII, and go on with these, _, . and -';
