import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at its first size, three times a mebibyte, instead of up to three times sixteen: requests leave little that
 * lives on, and what the young generation has once grown to stays resident. An older or newer V8 without the flag says so on standard error
 * and goes on.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
