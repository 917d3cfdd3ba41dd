import { createHash } from 'node:crypto';
import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { printable } from '../../terminal/printable.ts';

/** A page that stands on its own: what it looks like and what it does is in it, and it asks for nothing. */
interface Page {
  title: string;
  style: string;
  /** Runs once the page is there. Most have none. */
  script?: string;
  children: ComponentChildren;
}

/** The file of a page. Whatever a database calls its objects, nothing in it is markup, or turns the text around. Pure. */
export function renderDocument(page: Page): string {
  return printable(`<!doctype html>\n${renderToString(<Document {...page} />)}\n`);
}

function Document({ title, style, script, children }: Page) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policyOf(style, script)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        {/* Without one, a browser asks for it. */}
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        {children}
        {script !== undefined && <script dangerouslySetInnerHTML={{ __html: script }} />}
      </body>
    </html>
  );
}

/** Allows what we have written into the page, by its hash, and nothing else. */
function policyOf(style: string, script: string | undefined): string {
  return [
    "default-src 'none'",
    `style-src ${sourceOf(style)}`,
    `script-src ${script === undefined ? "'none'" : sourceOf(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
