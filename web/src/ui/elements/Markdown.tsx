import Original, { type Components } from 'react-markdown';
import gfm from 'remark-gfm';
import classes from './Markdown.module.css';
import { ScrollBox } from './ScrollBox.tsx';

/** Headings start below those of the page. */
const parts: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // Images from other hosts are blocked by the content security policy, and would reveal who reads the text.
  img: ({ alt }) => <span>[{alt ?? 'image'}]</span>,
  pre: ({ children }) => (
    <ScrollBox label="Code" role="group">
      {children}
    </ScrollBox>
  ),
};

/** Renders untrusted Markdown: HTML is removed, and links open only web pages and mail. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={classes['text']}>
      <Original remarkPlugins={[gfm]} components={parts} skipHtml>
        {text}
      </Original>
    </div>
  );
}
