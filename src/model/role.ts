/** Each role may do what those before it may. */
export const roles = ['read', 'operate', 'admin'] as const;

/** How much clients may do: `read` looks; `operate` also connects, disconnects and frees containers; `admin` also makes, changes and removes networks. */
export type Role = (typeof roles)[number];

/** The roles that a request which needs one may come with. */
export function sufficientRoles(need: Role): readonly Role[] {
  return roles.slice(roles.indexOf(need));
}
