// The few SVG elements that a picture is made of, as text.

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, sign => ESCAPES[sign] ?? sign).replace(/\p{Cc}/gu, ' ');

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its children as they are; texts must have been escaped. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? fixed(value) : escapeXml(value)}"`],
  );
  return children.length === 0
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${children.join('')}</${name}>`;
}

export const text = (content: string, attributes: Attributes): string =>
  element('text', attributes, escapeXml(content));

/** What a pointer that rests on the element is told. */
export const tooltip = (content: string): string => element('title', {}, escapeXml(content));

/** Two decimals are finer than any screen. */
export const fixed = (value: number): string => String(Number(value.toFixed(2)));
