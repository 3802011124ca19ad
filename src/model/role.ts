/** Each role may do what those before it may. */
export const roles = ['read', 'operate', 'admin'] as const;

/** How much a client may do: look; also connect, disconnect and free containers; also make, change and remove networks. */
export type Role = (typeof roles)[number];

export function suffices(role: Role, need: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(need);
}
