/** What the path of a socket may have; source: unix(7), sun_path less its final NUL. */
export const maxSocketPathBytes = 107;
