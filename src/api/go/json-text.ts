import { bounds } from '../../model/bounds.js';
import { NetworkError } from '../../model/errors/errors.js';
import { measureJson, type JsonExtent } from '../../model/json-extent.js';
import { keepRepeats } from './repeated-members.js';

/** Reads JSON as Go does, and reports a fault in Go's words. source: Go encoding/json/scanner.go@go1.19 */

/** The message is Go's. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError';
}

/** source: Go encoding/json/scanner.go@go1.19 maxNestingDepth */
const maxDepth = 10_000;

/** What is said when the text ends too early: before anything came, and in the middle. */
interface EndWords {
  readonly empty: string;
  readonly cut: string;
}

/**
 * As json.Decoder: reads the first value and leaves the text behind it alone.
 *
 * @throws JsonTextError, NetworkError invalid
 */
export function parseFirstJson(text: string): unknown {
  return parse(text, (scanner) => scanner.findEnd(), { empty: 'EOF', cut: 'unexpected EOF' });
}

/**
 * As json.Unmarshal: nothing but space may follow the value.
 *
 * @throws JsonTextError, NetworkError invalid
 */
export function parseWholeJson(text: string): unknown {
  const words = 'unexpected end of JSON input';
  return parse(text, (scanner) => scanner.findOnlyEnd(), { empty: words, cut: words });
}

function parse(text: string, findEnd: (scanner: JsonScanner) => number, words: EndWords): unknown {
  const extent = measureJson(text, maxDepth);
  if (extent.values > bounds.bodyValues) {
    const { fullest, values } = extent;
    const place = fullest.name.slice(0, longestPlace);
    throw new NetworkError('bodyTooFull', { place, count: fullest.members, values, limit: bounds.bodyValues });
  }
  try {
    // Nested too deeply, which JSON.parse would let pass.
    if (extent.depth <= maxDepth) return parseWithRepeats(text, extent);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Rare: the end of the first value, or the fault, has to be found.
  }
  return parseWithRepeats(text.slice(0, findEnd(new JsonScanner(text, words))), extent);
}

/** Characters of a key that a message shows. */
const longestPlace = 64;

function parseWithRepeats(text: string, extent: JsonExtent): unknown {
  return keepRepeats(text, JSON.parse(text), extent);
}

class JsonScanner {
  #at = 0;
  /** Closing characters of the containers that are open. */
  readonly #open: string[] = [];
  #wantsValue = true;

  constructor(
    private readonly text: string,
    private readonly endWords: EndWords,
  ) {}

  /** Position behind the first value. */
  findEnd(): number {
    this.#skipSpace();
    if (this.#at >= this.text.length) throw new JsonTextError(this.endWords.empty);
    do {
      if (this.#wantsValue) this.#beginValue();
      else this.#continueContainer();
    } while (this.#wantsValue || this.#open.length > 0);
    return this.#at;
  }

  /** As findEnd, for a value with no text behind it. */
  findOnlyEnd(): number {
    const end = this.findEnd();
    this.#skipSpace();
    if (this.#at < this.text.length) this.#fail('after top-level value');
    return end;
  }

  #beginValue(): void {
    this.#wantsValue = false;
    this.#skipSpace();
    const char = this.#peek();
    if (char === '{' || char === '[') this.#enter(char);
    else if (char === '"') this.#skipString();
    else if (char === '-' || isDigit(char)) this.#skipNumber();
    else if (char in literals) this.#skipLiteral(literals[char] ?? '');
    else this.#fail('looking for beginning of value');
  }

  #enter(char: '{' | '['): void {
    this.#open.push(char === '{' ? '}' : ']');
    if (this.#open.length > maxDepth) this.#fail('exceeded max depth');
    this.#at += 1;
    this.#skipSpace();
    if (this.text[this.#at] === this.#open.at(-1)) return;
    if (char === '{') this.#skipKey();
    else this.#wantsValue = true;
  }

  #continueContainer(): void {
    const close = this.#open.at(-1);
    const context = close === '}' ? 'after object key:value pair' : 'after array element';
    this.#skipSpace();
    const char = this.#peek();
    if (char === close) {
      this.#at += 1;
      this.#open.pop();
    } else if (char === ',') {
      this.#at += 1;
      if (close === '}') this.#skipKey();
      else this.#wantsValue = true;
    } else {
      this.#fail(context);
    }
  }

  #skipKey(): void {
    this.#skipSpace();
    if (this.#peek() !== '"') {
      this.#fail('looking for beginning of object key string');
    }
    this.#skipString();
    this.#skipSpace();
    if (this.#peek() !== ':') this.#fail('after object key');
    this.#at += 1;
    this.#wantsValue = true;
  }

  #skipString(): void {
    this.#at += 1;
    for (let char = this.#peek(); char !== '"'; char = this.#peek()) {
      if (char < ' ') this.#fail('in string literal');
      this.#at += 1;
      if (char === '\\') this.#skipEscape();
    }
    this.#at += 1;
  }

  #skipEscape(): void {
    const char = this.#peek();
    if (!'"\\/bfnrtu'.includes(char)) this.#fail('in string escape code');
    this.#at += 1;
    for (let digits = char === 'u' ? 4 : 0; digits > 0; digits -= 1) {
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#fail('in \\u hexadecimal character escape');
      this.#at += 1;
    }
  }

  #skipNumber(): void {
    if (this.text[this.#at] === '-') this.#at += 1;
    this.#expectDigit('in numeric literal');
    if (this.text[this.#at] === '0') this.#at += 1;
    else this.#skipDigits();
    if (this.text[this.#at] === '.') {
      this.#at += 1;
      this.#expectDigit('after decimal point in numeric literal');
      this.#skipDigits();
    }
    if (/[eE]/.test(this.text[this.#at] ?? '')) {
      this.#at += 1;
      if (/[+-]/.test(this.text[this.#at] ?? '')) this.#at += 1;
      this.#expectDigit('in exponent of numeric literal');
      this.#skipDigits();
    }
  }

  #skipLiteral(literal: string): void {
    for (const expected of literal) {
      if (this.#peek() !== expected) this.#fail(`in literal ${literal} (expecting '${expected}')`);
      this.#at += 1;
    }
  }

  #skipDigits(): void {
    while (isDigit(this.text[this.#at] ?? '')) this.#at += 1;
  }

  #expectDigit(context: string): void {
    if (!isDigit(this.#peek())) this.#fail(context);
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.text[this.#at] ?? 'x')) this.#at += 1;
  }

  #peek(): string {
    const char = this.text[this.#at];
    if (char === undefined) throw new JsonTextError(this.endWords.cut);
    return char;
  }

  #fail(context: string): never {
    throw new JsonTextError(`invalid character ${quoteCharacter(this.text, this.#at)} ${context}`);
  }
}

const literals: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}

/** As Go's strconv.Quote, which knows `\a`, `\v` and `\x00`. DIVERGES: Go looks at one byte, and shows `é` as `Ã`. */
function quoteCharacter(text: string, at: number): string {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const byte = char.charCodeAt(0);
  if (byte >= 0x20 && byte !== 0x7f) return char === "'" || char === '\\' ? `'\\${char}'` : `'${char}'`;
  return `'${goEscapes[byte] ?? String.raw`\x${byte.toString(16).padStart(2, '0')}`}'`;
}

const goEscapes: Readonly<Record<number, string>> = {
  7: String.raw`\a`,
  8: String.raw`\b`,
  9: String.raw`\t`,
  10: String.raw`\n`,
  11: String.raw`\v`,
  12: String.raw`\f`,
  13: String.raw`\r`,
};
