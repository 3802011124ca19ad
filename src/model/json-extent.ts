/** The size of the first value in a JSON text. */
export interface JsonExtent {
  /** Levels of arrays and objects. */
  readonly depth: number;
  /** Members of all arrays and objects together. */
  readonly values: number;
  /** Members of objects, each as often as its key is there. */
  readonly keys: number;
  /** The array or object with the most members. Its name is its key, or that of the array around it; empty for the whole. */
  readonly fullest: { readonly name: string; readonly members: number };
}

/** An array or object that is open. */
interface Level {
  readonly isObject: boolean;
  /** Where its name begins in the text, with the quotation mark, and where it ends. */
  readonly nameStart: number;
  readonly nameEnd: number;
  members: number;
}

const code = { quote: 0x22, comma: 0x2c, colon: 0x3a, open: 0x5b, escape: 0x5c, close: 0x5d, begin: 0x7b, end: 0x7d };

/**
 * Measures a text in one pass without building anything of it: to parse a mebibyte of empty objects takes ten times as long. A text that is no
 * JSON has some extent too.
 *
 * @param deepest levels at which measuring stops
 */
export function measureJson(text: string, deepest: number): JsonExtent {
  const open: Level[] = [];
  let level: Level | undefined;
  let fullest: Level = { isObject: false, nameStart: 0, nameEnd: 0, members: 0 };
  let [depth, values, keys, stringStart, stringEnd] = [0, 0, 0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit <= 0x20) continue;
    if (unit === code.close || unit === code.end) {
      if (level === undefined) break;
      if (level.members > fullest.members) fullest = level;
      open.pop();
      level = open.at(-1);
      if (level === undefined) break;
      continue;
    }
    if (unit === code.colon) {
      keys += 1;
      continue;
    }
    if (level !== undefined && (unit === code.comma || level.members === 0)) {
      level.members += 1;
      values += 1;
    }
    if (unit === code.quote) {
      stringStart = at;
      at = findStringEnd(text, at);
      stringEnd = at + 1;
    } else if (unit === code.open || unit === code.begin) {
      const isNamed = level?.isObject === true;
      const nameStart = isNamed ? stringStart : (level?.nameStart ?? 0);
      const nameEnd = isNamed ? stringEnd : (level?.nameEnd ?? 0);
      level = { isObject: unit === code.begin, nameStart, nameEnd, members: 0 };
      open.push(level);
      depth = Math.max(depth, open.length);
      if (depth > deepest) break;
    }
  }
  const { nameStart, nameEnd, members } = fullest;
  return { depth, values, keys, fullest: { name: readString(text.slice(nameStart, nameEnd)), members } };
}

/** @param start of the quotation mark @returns where the other one is */
function findStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === code.escape) at += 1;
    else if (unit === code.quote) return at;
  }
  return text.length;
}

function readString(quoted: string): string {
  try {
    return quoted === '' ? '' : (JSON.parse(quoted) as string);
  } catch {
    return quoted;
  }
}
