import { escapeControls } from '../config/config-error.js';
import { formatPlace } from '../config/toml-document.js';
import type { SettingValue } from '../config/setting.js';
import type { Origin, SettingInForce } from '../config/settings.js';

/** One line a setting, as TOML with the origin as its comment. */
export function printSettings(settings: readonly SettingInForce[]): string {
  return settings
    .map(({ name, value, origins }) => {
      const assignment = value === undefined ? `# ${name} is not set` : `${name} = ${formatValue(value)}`;
      return `${assignment}  # ${origins.map(formatOrigin).join('; ')}\n`;
    })
    .join('');
}

/** Objects with `name`, `value` (null where podnetd finds it later) and `origins`. */
export function printSettingsAsJson(settings: readonly SettingInForce[]): string {
  const objects = settings.map(({ name, value, origins }) => ({ name, value: value ?? null, origins }));
  return `${JSON.stringify(objects, undefined, 2)}\n`;
}

function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
      return `flag ${origin.flag}`;
    case 'environment':
      return `environment ${origin.variable}`;
    case 'file':
      return `file ${escapeControls(formatPlace(origin))}`;
    case 'default':
      return 'default';
  }
}

function formatValue(value: SettingValue): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${key} = ${formatValue(member)}`);
  return `{ ${members.join(', ')} }`;
}
