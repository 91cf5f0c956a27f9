// XML text to a plain tree with line numbers, through xmldom; document types are refused, so no entity can be declared.

import { err, ok, type Result } from '@seatrial/spec';
import { DOMParser, type Element, type Node, onErrorStopParsing } from '@xmldom/xmldom';
import { type CapsuleError, capsuleError } from './errors.ts';

export interface XmlElement {
  readonly name: string;
  /** All text directly inside, not trimmed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
  readonly line: number;
  readonly column: number;
}

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 16;
const ELEMENT_NODE = 1;
const TEXT_NODES: readonly number[] = [3, 4];

/** The root element. Fails with XML_TOO_LARGE, XML_DOCTYPE or XML_MALFORMED. Never throws. */
export function readXml(bytes: Uint8Array): Result<XmlElement, CapsuleError> {
  if (bytes.length > MAX_BYTES) return err(capsuleError('XML_TOO_LARGE', `${bytes.length} bytes`));
  const text = decode(bytes);
  if (text === undefined) return err(capsuleError('XML_MALFORMED', 'not UTF-8'));
  if (/<!(?:DOCTYPE|ENTITY)/i.test(withoutComments(text)))
    return err(capsuleError('XML_DOCTYPE', 'a document type is not allowed'));
  return parse(text);
}

/** A comment may name a document type; it can not declare one. One pass, since a pattern would crawl on hostile text. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (let start = text.indexOf('<!--'); start >= 0; start = text.indexOf('<!--', at)) {
    kept.push(text.slice(at, start));
    const end = text.indexOf('-->', start);
    if (end < 0) return kept.join('');
    at = end + 3;
  }
  return [...kept, text.slice(at)].join('');
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string): Result<XmlElement, CapsuleError> {
  try {
    const root = new DOMParser({ onError: onErrorStopParsing }).parseFromString(text, 'text/xml').documentElement;
    const element = root === null ? undefined : plain(root, 1);
    return element === undefined ? err(capsuleError('XML_MALFORMED', 'no root, or nested too deep')) : ok(element);
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
    return err(capsuleError('XML_MALFORMED', reason));
  }
}

function plain(element: Element, depth: number): XmlElement | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const nodes = [...element.childNodes];
  const children = nodes.filter(isElement).map(child => plain(child, depth + 1));
  if (children.some(child => child === undefined)) return undefined;
  return {
    name: element.tagName,
    text: nodes
      .filter(node => TEXT_NODES.includes(node.nodeType))
      .map(node => node.nodeValue ?? '')
      .join(''),
    children: children.filter(child => child !== undefined),
    line: element.lineNumber ?? 0,
    column: element.columnNumber ?? 0,
  };
}

const isElement = (node: Node): node is Element => node.nodeType === ELEMENT_NODE;
