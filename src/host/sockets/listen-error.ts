/** podnetd cannot listen. The message is one line without the program's name, to be printed as `podnetd: <message>`. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}
