export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Empty unless it is an object. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Empty unless it is a string. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
