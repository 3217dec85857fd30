// Texts that others wrote, as they are shown. It knows no view.

/**
 * A text with its controls and the characters that change its direction made visible: with them a name
 * could look like another one. Tabs and line breaks stay.
 */
export function visible(text) {
  return (text ?? "").replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, (sign) => `⟨U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}
