// Texts that others wrote, as they are shown. It knows no view.

/**
 * A text with the characters that change its direction made visible: with them a name could look like
 * another one.
 */
export function visible(text) {
  return (text ?? "").replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, (sign) => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}
