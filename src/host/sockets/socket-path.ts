/** Most bytes in the path of a socket; source: unix(7), sun_path less its final NUL. */
export const maxSocketPathBytes = 107;
